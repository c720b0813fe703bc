// SPDX-License-Identifier: Apache-2.0

/* Users: who may call the application. */

const userCertificates = textTable("public:ccf.gov.users.certs");
const users = jsonTable("public:ccf.gov.users.info");

defineAction("set_user", {
  validate({ cert, user_data }) {
    checkCertificates(cert, "cert");
    checkOptional(checkObject, user_data, "user_data");
  },
  apply({ cert, user_data }) {
    const id = ccf.pemToId(cert);
    userCertificates.write(id, cert);
    writeUserData(id, user_data);
  },
});

defineAction("remove_user", {
  validate({ user_id }) {
    checkId(user_id, "user_id");
  },
  apply({ user_id }) {
    userCertificates.remove(user_id);
    users.remove(user_id);
  },
});

defineAction("set_user_data", {
  validate({ user_id, user_data }) {
    checkId(user_id, "user_id");
    checkOptional(checkObject, user_data, "user_data");
  },
  apply({ user_id, user_data }) {
    writeUserData(user_id, user_data);
  },
});

/** A user without data has no row for it. */
function writeUserData(id, user_data) {
  if (isAbsent(user_data)) users.remove(id);
  else users.write(id, { user_data });
}
