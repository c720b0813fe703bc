// SPDX-License-Identifier: Apache-2.0
//! Strict CBOR (RFC 8949): definite lengths only, limited depth, valid UTF-8, nothing left over.

use crate::{Code, Error, Result};
use minicbor::Decoder;
use minicbor::data::Type;
use std::collections::BTreeSet;

const DEPTH_MAX: usize = 16;
/// Labels of one header. Known ones are a dozen.
const LABELS_MAX: u64 = 256;

pub(crate) const fn malformed(message: &'static str) -> Error {
    Error::new(Code::MalformedCose, message)
}

/// A label of a COSE header map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label<'a> {
    Integer(i128),
    Text(&'a str),
}

/// Steps over one item and checks everything inside it.
pub(crate) fn skip_item(decoder: &mut Decoder<'_>, depth: usize) -> Result<()> {
    let bad = |_| malformed("CBOR is cut short or not well formed");
    if depth > DEPTH_MAX {
        return Err(malformed("CBOR is nested too deeply"));
    }
    match decoder.datatype().map_err(bad)? {
        Type::Array => {
            let items = definite(decoder.array())?;
            skip_items(decoder, items, depth)
        }
        Type::Map => {
            let pairs = definite(decoder.map())?;
            for _ in 0..pairs {
                skip_items(decoder, 2, depth)?;
            }
            Ok(())
        }
        Type::Tag => {
            decoder.tag().map_err(bad)?;
            skip_item(decoder, depth + 1)
        }
        Type::Bytes => decoder.bytes().map(drop).map_err(bad),
        Type::String => decoder.str().map(drop).map_err(bad),
        Type::ArrayIndef | Type::MapIndef | Type::BytesIndef | Type::StringIndef => {
            Err(malformed("CBOR has an indefinite length"))
        }
        Type::Break | Type::Unknown(_) => Err(malformed("CBOR has a reserved or misplaced byte")),
        _ => decoder.skip().map_err(bad),
    }
}

fn skip_items(decoder: &mut Decoder<'_>, count: u64, depth: usize) -> Result<()> {
    for _ in 0..count {
        skip_item(decoder, depth + 1)?;
    }
    Ok(())
}

/// The length of an array or a map, which must be definite.
pub(crate) fn definite(
    length: core::result::Result<Option<u64>, minicbor::decode::Error>,
) -> Result<u64> {
    length
        .map_err(|_| malformed("CBOR is cut short or of another type"))?
        .ok_or(malformed("CBOR has an indefinite length"))
}

/// Reads a header map: labels are integers or text and unique (RFC 9052, section 3). `on_label`
/// sees each label with the decoder before its value, and returns whether it consumed the value.
pub(crate) fn read_header_map<'a>(
    decoder: &mut Decoder<'a>,
    mut on_label: impl FnMut(&Label<'a>, &mut Decoder<'a>) -> Result<bool>,
) -> Result<BTreeSet<Label<'a>>> {
    let pairs = definite(decoder.map())?;
    if pairs > LABELS_MAX {
        return Err(malformed("a header has too many labels"));
    }
    let mut labels = BTreeSet::new();
    for _ in 0..pairs {
        let label = read_label(decoder)?;
        if !on_label(&label, decoder)? {
            skip_item(decoder, 1)?;
        }
        if !labels.insert(label) {
            return Err(malformed("a header label appears twice"));
        }
    }
    Ok(labels)
}

fn read_label<'a>(decoder: &mut Decoder<'a>) -> Result<Label<'a>> {
    let bad = |_| malformed("a header label is neither an integer nor text");
    match decoder.datatype().map_err(bad)? {
        Type::String => Ok(Label::Text(decoder.str().map_err(bad)?)),
        _ => Ok(Label::Integer(i128::from(decoder.int().map_err(bad)?))),
    }
}

const MAJOR_BYTES: u8 = 2;

/// Appends a byte string in the shortest form.
pub(crate) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_head(out, MAJOR_BYTES, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn write_head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    match value {
        0..=23 => out.push(major | value as u8),
        24..=0xff => out.extend_from_slice(&[major | 24, value as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}
