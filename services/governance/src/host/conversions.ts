// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { requireBuffer, requireText } from "./arguments.js";
import { certificatesOf } from "./certificates.js";
import { guestTypeError } from "./guest-error.js";
import type { HostFunctions } from "./host-function.js";
import { tcbPolicy } from "./tcb.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export const conversions: HostFunctions = {
  strToBuf: ([text]) => Buffer.from(requireText(text, "Argument"), "utf8"),
  bufToStr: (_, [buffer]) => utf8.decode(requireBuffer(buffer, "Argument")),
  bufToHex: (_, [buffer]) => Buffer.from(requireBuffer(buffer, "Argument")).toString("hex"),
  pemToId([pem]) {
    const [certificate] = certificatesOf(requireText(pem, "Argument")) ?? [];
    if (certificate === undefined)
      throw guestTypeError("Argument is not a certificate in PEM format");
    return createHash("sha256").update(certificate.raw).digest("hex");
  },
  tcbHexToPolicy: ([cpuid, tcb]) => tcbPolicy(requireText(cpuid, "cpuid"), requireText(tcb, "tcb")),
};
