// SPDX-License-Identifier: Apache-2.0
function setUserData(id, userData) {
  if (userData === undefined || userData === null) table("users.info").delete(ccf.strToBuf(id));
  else writeRow("users.info", id, { user_data: userData });
}

action("set_user", {
  args: { cert: certificate, user_data: optional(object) },
  apply({ cert, user_data }) {
    const id = ccf.pemToId(cert);
    table("users.certs").set(ccf.strToBuf(id), ccf.strToBuf(cert));
    setUserData(id, user_data);
  },
});

action("remove_user", {
  args: { user_id: entityId },
  apply({ user_id }) {
    table("users.certs").delete(ccf.strToBuf(user_id));
    table("users.info").delete(ccf.strToBuf(user_id));
  },
});

action("set_user_data", {
  args: { user_id: entityId, user_data: optional(object) },
  apply({ user_id, user_data }) {
    setUserData(user_id, user_data);
  },
});
