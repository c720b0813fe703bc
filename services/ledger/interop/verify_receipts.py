# SPDX-License-Identifier: Apache-2.0
"""Verifies receipts with CCF's own Python package, which knows nothing of this code.

usage: verify_receipts.py SERVICE_CERT FILE...

`*.json` are JSON receipts, `*.cose` COSE receipts. Prints one line a file; fails at the first that
does not verify.
"""

import json
import pathlib
import sys
import warnings
from hashlib import sha256

import ccf.cose
import ccf.receipt
import cbor2
from cryptography.x509 import load_pem_x509_certificate


def verify_json(text: str, service_cert) -> str:
    receipt = json.loads(text)
    node_cert = load_pem_x509_certificate(receipt["cert"].encode())
    if "leaf" in receipt:
        leaf, name = receipt["leaf"], "signature"
    else:
        parts = receipt["leaf_components"]
        evidence = parts["commit_evidence"]
        leaf = sha256(
            bytes.fromhex(parts["write_set_digest"])
            + sha256(evidence.encode()).digest()
            + bytes.fromhex(parts["claims_digest"])
        ).hexdigest()
        name = evidence.split(":")[1]
    root = ccf.receipt.root(leaf, receipt["proof"])
    ccf.receipt.verify(root, receipt["signature"], node_cert)
    endorsements = [
        load_pem_x509_certificate(pem.encode()) for pem in receipt.get("service_endorsements", [])
    ]
    ccf.receipt.check_endorsements(node_cert, service_cert, endorsements)
    ccf.receipt.check_cert_chain(node_cert, service_cert, endorsements)
    return name


def verify_cose(message: bytes, service_cert) -> str:
    proof = cbor2.loads(cbor2.loads(message).value[1][396][-1][0])
    claims_digest = proof[1][2]
    ccf.receipt.verify_cose(message, service_cert.public_key(), claims_digest)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        ccf.cose.verify_receipt(message, service_cert.public_key(), claims_digest)
    return proof[1][1].split(":")[1]


def main(service_cert_path: str, *paths: str) -> None:
    service_cert = load_pem_x509_certificate(pathlib.Path(service_cert_path).read_bytes())
    for path in map(pathlib.Path, paths):
        if path.suffix == ".cose":
            name = verify_cose(path.read_bytes(), service_cert)
        else:
            name = verify_json(path.read_text(), service_cert)
        print(f"{path.name} {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
