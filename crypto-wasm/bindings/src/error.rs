// SPDX-License-Identifier: Apache-2.0
use wasm_bindgen::JsValue;

pub type Result<T> = core::result::Result<T, JsValue>;

/// A JavaScript `Error` with the core's code and, where there are many entries, the index of the
/// one at fault.
pub fn raise(error: ledger_crypto::Error) -> JsValue {
    let raised = js_sys::Error::new(&error.to_string());
    set(&raised, "code", &JsValue::from_str(error.code.name()));
    if let Some(index) = error.index {
        set(&raised, "index", &JsValue::from_f64(index as f64));
    }
    raised.into()
}

fn set(target: &js_sys::Error, name: &str, value: &JsValue) {
    // Setting a property of a fresh, ordinary object cannot be refused.
    let _ = js_sys::Reflect::set(target, &JsValue::from_str(name), value);
}

/// The wrapper checks lengths; this is the core's own word on it.
pub fn fixed<const N: usize>(bytes: &[u8]) -> Result<&[u8; N]> {
    bytes
        .try_into()
        .map_err(|_| JsValue::from(js_sys::RangeError::new(&format!("expected {N} bytes"))))
}
