//! The file itself: packed, and encrypted with age, so that any age program opens it as well.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret as _, SecretString};
use age::stream::{StreamReader, StreamWriter};
use age::{Decryptor, Encryptor, Identity, Recipient, scrypt, x25519};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::{Error, Result, unreadable, unwritable};
use crate::crypto::Keyring;

/// Rounds of the passphrase's hash, as a power of two. The passphrase is as long as a key, so that there
/// is nothing to be gained by guessing slowly.
const WORK: u8 = 10;

/// For whom a backup is encrypted.
#[derive(Debug, Clone)]
pub enum Lock {
    /// Whoever has the root key, which is needed to use it anyway.
    RootKey,
    /// Whoever has the identity of one of these recipients (`age1…`): this machine then cannot open it.
    Recipients(Vec<String>),
}

/// What opens a backup.
#[derive(Clone)]
pub enum Key {
    /// The root key.
    RootKey,
    /// An identity: `AGE-SECRET-KEY-1…`.
    Identity(String),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::RootKey => "RootKey",
            Self::Identity(_) => "Identity(…)",
        })
    }
}

/// A new identity, and the recipient that belongs to it.
#[must_use]
pub fn new_identity() -> (String, String) {
    let identity = x25519::Identity::generate();
    (identity.to_string().expose_secret().to_owned(), identity.to_public().to_string())
}

fn passphrase(root: [u8; 32]) -> SecretString {
    SecretString::from(Keyring::new(root).backup_passphrase())
}

/// A file in the making: under its own name only when it is whole.
pub(super) struct Writing {
    packed: GzEncoder<StreamWriter<BufWriter<File>>>,
    partial: PathBuf,
    path: PathBuf,
}

impl Writing {
    /// Begins a file. One of that name must not be there.
    pub(super) fn begin(path: &Path, lock: &Lock, root: [u8; 32]) -> Result<Self> {
        if path.exists() {
            return Err(unwritable(path, &"there is such a file already"));
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let mut open = OpenOptions::new();
        let open = open.write(true).create(true).truncate(true).mode(0o600).open(&partial);
        let file = open.map_err(|error| unwritable(path, &error))?;
        let encryptor = encryptor(lock, root).map_err(|reason| unwritable(path, &reason))?;
        let sealed = encryptor.wrap_output(BufWriter::new(file));
        let sealed = sealed.map_err(|error| unwritable(path, &error))?;
        let packed = GzEncoder::new(sealed, Compression::fast());
        Ok(Self { packed, partial, path: path.to_owned() })
    }

    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.packed.write_all(bytes).map_err(|error| unwritable(&self.path, &error))
    }

    /// Finishes the file and gives it its name; says how large it is.
    pub(super) fn finish(self) -> Result<u64> {
        let Self { packed, partial, path } = self;
        let fails = |error: std::io::Error| unwritable(&path, &error);
        let sealed = packed.finish().map_err(fails)?;
        let file = sealed.finish().map_err(fails)?;
        let file = file.into_inner().map_err(|error| unwritable(&path, &error.error()))?;
        file.sync_all().map_err(fails)?;
        let bytes = file.metadata().map_err(fails)?.len();
        std::fs::rename(&partial, &path).map_err(fails)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(fails)?;
        }
        Ok(bytes)
    }
}

fn encryptor(lock: &Lock, root: [u8; 32]) -> std::result::Result<Encryptor, String> {
    let recipients: Vec<Box<dyn Recipient>> = match lock {
        Lock::RootKey => {
            let mut recipient = scrypt::Recipient::new(passphrase(root));
            recipient.set_work_factor(WORK);
            vec![Box::new(recipient)]
        }
        Lock::Recipients(texts) => {
            let mut recipients: Vec<Box<dyn Recipient>> = Vec::new();
            for text in texts {
                let recipient: x25519::Recipient =
                    text.parse().map_err(|error| format!("{text} is no recipient: {error}"))?;
                recipients.push(Box::new(recipient));
            }
            recipients
        }
    };
    let recipients = recipients.iter().map(AsRef::as_ref);
    Encryptor::with_recipients(recipients).map_err(|error| error.to_string())
}

/// The lines of a backup.
pub(super) type Reading = BufReader<GzDecoder<StreamReader<BufReader<File>>>>;

/// Opens a file.
pub(super) fn open(path: &Path, key: &Key, root: [u8; 32]) -> Result<Reading> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let decryptor =
        Decryptor::new_buffered(BufReader::new(file)).map_err(|error| unreadable(&error))?;
    let identity: Box<dyn Identity> = match key {
        Key::RootKey => Box::new(scrypt::Identity::new(passphrase(root))),
        Key::Identity(text) => {
            let identity: std::result::Result<x25519::Identity, _> = text.trim().parse();
            Box::new(identity.map_err(|error: &str| unreadable(&error))?)
        }
    };
    let opened = decryptor.decrypt(std::iter::once(identity.as_ref()));
    let opened = opened.map_err(|_| {
        Error::Unreadable("it is encrypted for another key, or damaged at its beginning".to_owned())
    })?;
    Ok(BufReader::new(GzDecoder::new(opened)))
}
