// SPDX-License-Identifier: Apache-2.0

// Evidence of AMD SEV-SNP. Its certificates must be valid at the time of the request.
const HostUint8Array = Uint8Array;
const HostArrayBuffer = ArrayBuffer;
const hostParseInt = parseInt;
const REPORT_BUFFERS = [
  "family_id",
  "image_id",
  "report_data",
  "measurement",
  "host_data",
  "id_key_digest",
  "author_key_digest",
  "report_id",
  "report_id_ma",
  "chip_id",
];

define(globalThis, "snp_attestation", {
  verifySnpAttestation(evidence, endorsements, uvmEndorsements, endorsedTcb) {
    if (arguments.length < 2 || arguments.length > 4) {
      throw new TypeError(`Passed ${arguments.length} arguments, but expected between 2 and 4`);
    }
    requireBuffer(evidence, "evidence");
    requireBuffer(endorsements, "endorsements");
    if (uvmEndorsements !== undefined) requireBuffer(uvmEndorsements, "uvm_endorsements");
    const tcb = endorsedTcb === undefined ? null : `${endorsedTcb}`;
    const uvm = uvmEndorsements === undefined ? null : hexOf(uvmEndorsements);
    const result = call("attestation.verifySnp", [clock.now, uvm, tcb], evidence, endorsements);
    const { attestation } = result;
    for (let at = 0; at < REPORT_BUFFERS.length; at++) hexToBuffer(attestation, REPORT_BUFFERS[at]);
    hexToBuffer(attestation.signature, "r");
    hexToBuffer(attestation.signature, "s");
    return result;
  },
});

function hexToBuffer(target, name) {
  const hex = target[name];
  const buffer = new HostArrayBuffer(hex.length / 2);
  const bytes = new HostUint8Array(buffer);
  for (let at = 0; at < hex.length; at += 2)
    bytes[at / 2] = hostParseInt(hex[at] + hex[at + 1], 16);
  target[name] = buffer;
}
