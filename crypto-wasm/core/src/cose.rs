// SPDX-License-Identifier: Apache-2.0
//! COSE_Sign1 (RFC 9052), tagged, with embedded or detached payload.
//!
//! Received bytes are never encoded again: the protected header is verified as it came.

use crate::cbor::{self, Label, malformed};
use crate::ecdsa::{Curve, SigningKey, VerifyingKey};
use crate::{Result, cbor::read_header_map};
use core::ops::Range;
use minicbor::Decoder;
use minicbor::data::Type;

const TAG_SIGN1: u64 = 18;
const LABEL_ALGORITHM: i128 = 1;
const ES256: i64 = -7;
const ES384: i64 = -35;

/// Where the four parts of a message lie in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign1Layout {
    /// The protected header, without its byte-string head. Empty or one map.
    pub protected_header: Range<usize>,
    /// The unprotected header as the encoded map.
    pub unprotected_header: Range<usize>,
    /// The payload, or `None` when it is detached.
    pub payload: Option<Range<usize>>,
    /// The signature, r ‖ s.
    pub signature: Range<usize>,
}

/// Reads a message strictly: tag 18, array of 4, definite lengths, unique labels, nothing after it.
pub fn parse(message: &[u8]) -> Result<Sign1Layout> {
    let mut decoder = Decoder::new(message);
    let tag = decoder.tag().map_err(|_| malformed("the message has no COSE_Sign1 tag"))?;
    if tag.as_u64() != TAG_SIGN1 {
        return Err(malformed("the message is tagged as something else than COSE_Sign1"));
    }
    if cbor::definite(decoder.array())? != 4 {
        return Err(malformed("a COSE_Sign1 message has four parts"));
    }
    let protected_header = read_bytes(&mut decoder)?;
    let mut labels = read_protected(&message[protected_header.clone()])?.1;
    let unprotected_start = decoder.position();
    let mut unprotected_labels = read_header_map(&mut decoder, |_, _| Ok(false))?;
    let unprotected_header = unprotected_start..decoder.position();
    let label_count = labels.len() + unprotected_labels.len();
    labels.append(&mut unprotected_labels);
    if labels.len() != label_count {
        return Err(malformed("a label appears in both headers"));
    }
    let payload = match decoder.datatype() {
        Ok(Type::Null) => {
            decoder.null().map(|()| None).map_err(|_| malformed("the payload is cut short"))?
        }
        _ => Some(read_bytes(&mut decoder)?),
    };
    let signature = read_bytes(&mut decoder)?;
    if decoder.position() != message.len() {
        return Err(malformed("bytes follow the message"));
    }
    Ok(Sign1Layout { protected_header, unprotected_header, payload, signature })
}

/// The algorithm that a protected header names, if any. The header is checked as a whole.
pub fn algorithm(protected_header: &[u8]) -> Result<Option<i64>> {
    read_protected(protected_header).map(|(algorithm, _)| algorithm)
}

/// The algorithm that goes with a curve.
pub const fn algorithm_of(curve: Curve) -> i64 {
    match curve {
        Curve::P256 => ES256,
        Curve::P384 => ES384,
    }
}

/// The bytes that are signed: `["Signature1", protected, h'', payload]`.
pub fn sig_structure(protected_header: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + protected_header.len() + payload.len());
    out.extend_from_slice(b"\x84\x6aSignature1");
    cbor::write_bytes(&mut out, protected_header);
    cbor::write_bytes(&mut out, b"");
    cbor::write_bytes(&mut out, payload);
    out
}

/// Signs and encodes a message with an empty unprotected header. The header must name the key's
/// algorithm.
pub fn sign(
    key: &SigningKey,
    protected_header: &[u8],
    payload: &[u8],
    detached: bool,
) -> Result<Vec<u8>> {
    if algorithm(protected_header)? != Some(algorithm_of(key.curve())) {
        return Err(malformed("the protected header does not name the algorithm of the key"));
    }
    let signature = key.sign(&sig_structure(protected_header, payload));
    let mut out = Vec::with_capacity(32 + protected_header.len() + payload.len() + signature.len());
    out.extend_from_slice(&[0xd2, 0x84]);
    cbor::write_bytes(&mut out, protected_header);
    out.push(0xa0);
    if detached {
        out.push(0xf6);
    } else {
        cbor::write_bytes(&mut out, payload);
    }
    cbor::write_bytes(&mut out, &signature);
    Ok(out)
}

/// Whether the signature fits header and payload, and the header names the algorithm of the key.
#[must_use]
pub fn verify(
    key: &VerifyingKey,
    protected_header: &[u8],
    payload: &[u8],
    signature: &[u8],
) -> bool {
    algorithm(protected_header) == Ok(Some(algorithm_of(key.curve())))
        && key.verify(&sig_structure(protected_header, payload), signature)
}

fn read_bytes(decoder: &mut Decoder<'_>) -> Result<Range<usize>> {
    let bytes =
        decoder.bytes().map_err(|_| malformed("a part is not a byte string of definite length"))?;
    let end = decoder.position();
    Ok(end - bytes.len()..end)
}

type Labels<'a> = std::collections::BTreeSet<Label<'a>>;

fn read_protected(bytes: &[u8]) -> Result<(Option<i64>, Labels<'_>)> {
    let mut algorithm = None;
    if bytes.is_empty() {
        return Ok((None, Labels::new()));
    }
    let mut decoder = Decoder::new(bytes);
    let labels = read_header_map(&mut decoder, |label, decoder| {
        if *label != Label::Integer(LABEL_ALGORITHM)
            || decoder.datatype().is_ok_and(|kind| kind == Type::String)
        {
            return Ok(false);
        }
        algorithm = Some(decoder.i64().map_err(|_| malformed("the algorithm is not an integer"))?);
        Ok(true)
    })?;
    if decoder.position() != bytes.len() {
        return Err(malformed("bytes follow the protected header's map"));
    }
    Ok((algorithm, labels))
}
