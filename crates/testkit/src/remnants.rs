//! What somebody who has the root key could still read of what a hub leaves behind: sealed values that
//! were removed, too, where their bytes still lie.

use std::fs;
use std::path::Path;

use dermaga_domain::id::OrgId;
use dermaga_store::crypto::{DataKey, Keyring};

use crate::Failure;

/// A data key as it is stored: head, nonce, key and tag.
const WRAPPED_BYTES: usize = 9 + 24 + 32 + 16;
/// How far a remnant is read: longer than any body of a test.
const READ_MAX: usize = 64 * 1024;

/// Reads every file of a folder, whatever it is, for what begins like a sealed value of the org, and
/// writes what the root key opens of it into another. Says how many there were.
///
/// # Errors
/// When files cannot be read or written.
pub fn open(folder: &Path, into: &Path, root: [u8; 32], org: OrgId) -> Result<usize, Failure> {
    let ring = Keyring::new(root);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let bytes = fs::read(entry?.path())?;
        files.push(unhexed(&bytes));
        files.push(bytes);
    }
    let heads: Vec<(&[u8], i64)> = files.iter().flat_map(|bytes| heads(bytes)).collect();
    let keys: Vec<DataKey> = heads
        .iter()
        .filter_map(|(bytes, id)| {
            ring.unwrap_data_key(org.0, *id, bytes.get(..WRAPPED_BYTES)?).ok()
        })
        .collect();
    fs::create_dir_all(into)?;
    let mut opened = 0;
    for (bytes, id) in heads {
        let part = bytes.get(..READ_MAX).unwrap_or(bytes);
        for key in keys.iter().filter(|key| key.id() == id) {
            if let Some(plain) = key.remnant(part) {
                fs::write(into.join(opened.to_string()), plain)?;
                opened += 1;
            }
        }
    }
    Ok(opened)
}

/// Every place where a sealed value begins, with the id of its key: a version, and a month of this
/// century in eight bytes.
fn heads(bytes: &[u8]) -> impl Iterator<Item = (&[u8], i64)> {
    (0..bytes.len()).filter_map(move |at| {
        let rest = bytes.get(at..)?;
        if !rest.starts_with(&[1, 0, 0, 0, 0, 0, 0]) {
            return None;
        }
        let id = dermaga_store::crypto::key_id(rest)?;
        (1..=1_600).contains(&id).then_some((rest, id))
    })
}

/// The bytes of every blob that a dump of PostgreSQL writes as hexadecimal digits, one after the other.
fn unhexed(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let blobs = text.split("\\x").skip(1);
    let digits = |blob: &str| {
        let end = blob.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(blob.len());
        hex::decode(blob.get(..end - end % 2).unwrap_or_default()).unwrap_or_default()
    };
    blobs.flat_map(digits).collect()
}
