//! RS256 of `jsonwebtoken` by ring, the project's one library of cryptography: a signature takes the same time whatever the key, which
//! the `rsa` crate does not promise (RUSTSEC-2023-0071). Any other algorithm is refused here, beside being refused by the validation.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::RS256 if key.family() == AlgorithmFamily::Rsa => Ok(Box::new(Rs256Signer(key.clone()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::RS256 if key.family() == AlgorithmFamily::Rsa => Ok(Box::new(Rs256Verifier(key.clone()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes `jsonwebtoken` of this process use ring. It can be told once; the features of the workspace give it no other provider.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Somebody else's provider would be there already only if another crate of the process brought one.
        let _ = PROVIDER.install_default();
    });
}

struct Rs256Signer(EncodingKey);

impl Signer<Vec<u8>> for Rs256Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let pair = RsaKeyPair::from_der(self.0.as_bytes()).map_err(|_| signature::Error::new())?;
        let mut signed = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signed)
            .map_err(|_| signature::Error::new())?;
        Ok(signed)
    }
}

impl JwtSigner for Rs256Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct Rs256Verifier(DecodingKey);

impl Verifier<Vec<u8>> for Rs256Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let DecodingKeyKind::RsaModulusExponent { n, e } = self.0.kind() else { return Err(signature::Error::new()) };
        let key = RsaPublicKeyComponents { n, e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

/// Modulus and exponent of a private key (`RSAPrivateKey`, DER), without leading zeros.
pub(crate) fn public_parts(private_der: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let rejected = |error: ring::error::KeyRejected| Error::from(ErrorKind::InvalidRsaKey(error.to_string()));
    let pair = RsaKeyPair::from_der(private_der).map_err(rejected)?;
    let parts: RsaPublicKeyComponents<Vec<u8>> = RsaPublicKeyComponents::from(pair.public());
    Ok((parts.n, parts.e))
}
