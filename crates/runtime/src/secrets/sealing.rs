//! The key that seals secrets before they go to a database.

use std::fmt;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};

use super::Secret;
use crate::Error;
use crate::entropy::Random;

const FILE_NAME: &str = "secret.key";
const KEY_BYTES: usize = 32;

/// The first byte of what [`SealingKey::seal`] returns; another algorithm or key gets another number.
const VERSION_AES_256_GCM: u8 = 1;

/// Seals secrets with AES-256-GCM, so that a copy of the database alone gives none of them away.
///
/// Cheap to clone. Nonces are random: with one key, seal fewer than 2^32 secrets (NIST SP 800-38D, 8.3).
#[derive(Clone)]
pub struct SealingKey(Arc<Keys>);

struct Keys {
    seal: LessSafeKey,
    /// Derived from the same bytes (HKDF, RFC 5869), so that what is sealed and what is authenticated never share a key.
    mac: hmac::Key,
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

impl SealingKey {
    /// The key in `<data_dir>/secret.key`, made on the first call; makes the directory too.
    ///
    /// Whoever loses the file loses every sealed secret, so it belongs into the backup, apart from the database.
    ///
    /// # Errors
    /// [`Error::SealingKey`] if the file can be read by others than its owner, has another length than 32 bytes, or
    /// cannot be read or made.
    pub fn load_or_create(data_dir: &Path, random: &dyn Random) -> Result<Self, Error> {
        let path = data_dir.join(FILE_NAME);
        let failed = |reason: String| Error::SealingKey { path: path.clone(), reason };
        let key = match read(&path) {
            Ok(key) => key,
            Err(Refusal::Missing) => {
                create(data_dir, &path, random).map_err(|error| failed(format!("cannot be made: {error}")))?;
                // Read back what stands there now: another process may have been first.
                read(&path).map_err(|refusal| failed(refusal.to_string()))?
            }
            Err(refusal) => return Err(failed(refusal.to_string())),
        };
        Ok(Self::from_bytes(key.expose()))
    }

    /// A key from its 32 bytes.
    pub fn from_bytes(key: &[u8; KEY_BYTES]) -> Self {
        let mac = hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(key)
            .expand(&[b"rialto mac"], hmac::HMAC_SHA256)
            .expect("HKDF gives 32 bytes and far more")
            .into();
        let key = UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes any 32 bytes as its key");
        Self(Arc::new(Keys { seal: LessSafeKey::new(key), mac }))
    }

    /// HMAC-SHA256 of `data`, for `purpose`: the same for all processes of one exchange, and unknown to everybody else.
    pub fn mac(&self, purpose: &[u8], data: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0.mac);
        // The length keeps purpose and data apart.
        context.update(&(purpose.len() as u64).to_be_bytes());
        context.update(purpose);
        context.update(data);
        let mut tag = [0; 32];
        tag.copy_from_slice(context.sign().as_ref());
        tag
    }

    /// Encrypts `plaintext` and binds it to `aad` (whose secret it is): version byte, nonce, ciphertext, tag.
    pub fn seal(&self, random: &dyn Random, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + plaintext.len() + AES_256_GCM.tag_len());
        sealed.push(VERSION_AES_256_GCM);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let (head, body) = sealed.split_at_mut(1 + NONCE_LEN);
        let tag = self
            .0
            .seal
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound(head[0], aad), body)
            .expect("AES-GCM seals anything shorter than 64 GiB");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Decrypts what [`seal`](Self::seal) returned for the same `aad`.
    ///
    /// # Errors
    /// [`Error::Unsealable`] for another key, another `aad`, an unknown version, or changed or missing bytes.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Secret<Vec<u8>>, Error> {
        let (version, rest) = sealed.split_first().ok_or(Error::Unsealable)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Error::Unsealable)?;
        if *version != VERSION_AES_256_GCM {
            return Err(Error::Unsealable);
        }
        let mut opened = Secret::new(body.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.0.seal.open_in_place(nonce, bound(*version, aad), opened.expose_mut());
        let length = plain.map_err(|_| Error::Unsealable)?.len();
        opened.expose_mut().truncate(length);
        Ok(opened)
    }
}

/// The version is authenticated with the owner, so that it cannot be changed to a weaker one later.
fn bound(version: u8, aad: &[u8]) -> Aad<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 + aad.len());
    bytes.push(version);
    bytes.extend_from_slice(aad);
    Aad::from(bytes)
}

#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("is missing")]
    Missing,
    #[error("may be read or written by others than its owner (mode {0:o}): run chmod 600 on it")]
    Open(u32),
    #[error("has {0} bytes instead of {KEY_BYTES}: restore it from the backup")]
    Length(u64),
    #[error("cannot be read: {0}")]
    Io(io::Error),
}

fn read(path: &Path) -> Result<Secret<[u8; KEY_BYTES]>, Refusal> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Refusal::Missing,
        _ => Refusal::Io(error),
    })?;
    let metadata = file.metadata().map_err(Refusal::Io)?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Refusal::Open(mode));
    }
    if metadata.len() != KEY_BYTES as u64 {
        return Err(Refusal::Length(metadata.len()));
    }
    let mut key = Secret::new([0; KEY_BYTES]);
    file.read_exact(key.expose_mut()).map_err(Refusal::Io)?;
    Ok(key)
}

/// Writes a new key beside its place, makes it durable, and links it there unless another process was first: what stands at
/// `path` is then always a whole key, and never one that is replaced later.
fn create(data_dir: &Path, path: &Path, random: &dyn Random) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
    let mut key = Secret::new([0; KEY_BYTES]);
    random.fill(key.expose_mut());
    let mut suffix = [0; 8];
    random.fill(&mut suffix);
    let draft = data_dir.join(format!("{FILE_NAME}.{:016x}", u64::from_le_bytes(suffix)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = file
        .set_permissions(Permissions::from_mode(0o600))
        .and_then(|()| file.write_all(key.expose()))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(data_dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededRandom;

    fn key() -> SealingKey {
        SealingKey::from_bytes(&[7; KEY_BYTES])
    }

    #[test]
    fn a_mac_is_of_its_key_its_purpose_and_its_data() {
        let mac = key().mac(b"a", b"bc");
        assert_eq!(mac, key().mac(b"a", b"bc"));
        assert_ne!(mac, key().mac(b"ab", b"c"));
        assert_ne!(mac, SealingKey::from_bytes(&[8; KEY_BYTES]).mac(b"a", b"bc"));
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let random = SeededRandom::new(1);
        let sealed = key().seal(&random, b"owner", b"the secret");
        assert_eq!(sealed[0], VERSION_AES_256_GCM);
        assert_eq!(key().open(b"owner", &sealed).unwrap().expose(), b"the secret");
        assert!(matches!(key().open(b"other", &sealed), Err(Error::Unsealable)));
        assert!(matches!(SealingKey::from_bytes(&[8; 32]).open(b"owner", &sealed), Err(Error::Unsealable)));
        assert_ne!(sealed, key().seal(&random, b"owner", b"the secret"), "each seal has its own nonce");
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let sealed = key().seal(&SeededRandom::new(1), b"owner", b"s");
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key().open(b"owner", &changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(key().open(b"owner", &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn the_file_is_made_once_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("a/b");
        let first = SealingKey::load_or_create(&data, &SeededRandom::new(1)).unwrap();
        let second = SealingKey::load_or_create(&data, &SeededRandom::new(2)).unwrap();
        let sealed = first.seal(&SeededRandom::new(3), b"", b"x");
        assert_eq!(second.open(b"", &sealed).unwrap().expose(), b"x");
        assert_eq!(std::fs::metadata(data.join(FILE_NAME)).unwrap().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn two_processes_that_start_at_once_get_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let keys: Vec<SealingKey> = std::thread::scope(|scope| {
            let start = |seed| {
                let path = dir.path();
                scope.spawn(move || SealingKey::load_or_create(path, &SeededRandom::new(seed)).unwrap())
            };
            let threads: Vec<_> = (0..8).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let sealed = keys[0].seal(&SeededRandom::new(9), b"", b"x");
        assert!(keys.iter().all(|key| key.open(b"", &sealed).is_ok()));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        SealingKey::load_or_create(dir.path(), &SeededRandom::new(1)).unwrap();
        let path = dir.path().join(FILE_NAME);
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = SealingKey::load_or_create(dir.path(), &SeededRandom::new(1)).unwrap_err();
        assert!(error.to_string().contains("mode 640"), "{error}");
    }

    #[test]
    fn a_cut_file_is_refused_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        SealingKey::load_or_create(dir.path(), &SeededRandom::new(1)).unwrap();
        let path = dir.path().join(FILE_NAME);
        OpenOptions::new().write(true).open(&path).unwrap().set_len(31).unwrap();
        let error = SealingKey::load_or_create(dir.path(), &SeededRandom::new(1)).unwrap_err();
        assert!(error.to_string().contains("has 31 bytes"), "{error}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 31);
    }
}
