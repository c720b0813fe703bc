// SPDX-License-Identifier: Apache-2.0

/* Certification authorities that the service itself trusts, by a name. */

const caBundles = jsonTable("public:ccf.gov.tls.ca_cert_bundles");

defineAction("set_ca_cert_bundle", {
  validate({ name, cert_bundle }) {
    checkString(name, "name");
    checkCertificates(cert_bundle, "cert_bundle");
  },
  apply({ name, cert_bundle }) {
    caBundles.write(name, cert_bundle);
  },
});

defineAction("remove_ca_cert_bundle", {
  validate({ name }) {
    checkString(name, "name");
  },
  apply({ name }) {
    caBundles.remove(name);
  },
});
