//! New RSA keys.

use std::convert::Infallible;
use std::sync::Arc;

use rsa::PrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};
use runtime::entropy::Random;
use runtime::secrets::Secret;

use crate::Error;

/// Makes a key (`RSAPrivateKey`, DER). It takes a second or so of computing, on a thread of its own.
pub(crate) async fn private_key(random: Arc<dyn Random>, bits: usize) -> Result<Secret<Vec<u8>>, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("making a signing key: {error}"));
    let made = tokio::task::spawn_blocking(move || {
        let key = PrivateKey::new(&mut Bytes(&*random), bits).map_err(|error| failed(&error))?;
        let der = key.to_pkcs1_der().map_err(|error| failed(&error))?;
        Ok(Secret::new(der.as_bytes().to_vec()))
    });
    made.await.map_err(|error| failed(&error))?
}

/// The project's source of random bytes, as the library wants it.
struct Bytes<'a>(&'a dyn Random);

impl TryRng for Bytes<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Bytes<'_> {}
