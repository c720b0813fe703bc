# SPDX-License-Identifier: Apache-2.0
"""Verifies a JSON and a COSE receipt with CCF's own code: verify_receipt.py FOLDER CLAIMS_DIGEST_HEX.

The folder holds receipt.json, service_cert.pem and, unless it is a signature's receipt, receipt.cose.
"""

import json
import pathlib
import sys
from hashlib import sha256

from cryptography.x509 import load_pem_x509_certificate

import ccf.cose
import ccf.receipt


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    claims = bytes.fromhex(sys.argv[2])
    service = load_pem_x509_certificate((folder / "service_cert.pem").read_bytes())
    receipt = json.loads((folder / "receipt.json").read_text())
    verify_json(receipt, service, claims)
    cose = folder / "receipt.cose"
    if cose.exists():
        verify_cose(cose.read_bytes(), service, claims)
    print("verified")


def verify_json(receipt: dict, service, claims: bytes) -> None:
    node = load_pem_x509_certificate(receipt["cert"].encode())
    ccf.receipt.check_endorsements(node, service, [])
    root = ccf.receipt.root(leaf_of(receipt, claims), receipt["proof"])
    ccf.receipt.verify(root, receipt["signature"], node)


def leaf_of(receipt: dict, claims: bytes) -> str:
    if "leaf" in receipt:
        return receipt["leaf"]
    parts = receipt["leaf_components"]
    stated = bytes.fromhex(parts.get("claims_digest", "00" * 32))
    assert stated == claims, f"the claims digest is {stated.hex()}"
    write_set = bytes.fromhex(parts["write_set_digest"])
    evidence = sha256(parts["commit_evidence"].encode()).digest()
    return sha256(write_set + evidence + claims).hexdigest()


def verify_cose(receipt: bytes, service, claims: bytes) -> None:
    key = service.public_key()
    ccf.receipt.verify_cose(receipt, key, claims)
    ccf.cose.verify_receipt(receipt, key, claims)


main()
