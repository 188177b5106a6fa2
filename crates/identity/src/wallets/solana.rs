//! Wallets of Solana.

use ring::signature::{ED25519, UnparsedPublicKey};

const KEY_BYTES: usize = 32;
const SIGNATURE_BYTES: usize = 64;
/// Base58 of 64 bytes has at most so many letters.
const MAX_SIGNATURE_CHARS: usize = 88;
const MAX_ADDRESS_CHARS: usize = 44;

/// An address: the base58 of a public key.
pub(super) fn address(text: &str) -> Option<String> {
    let key = decode::<KEY_BYTES>(text, MAX_ADDRESS_CHARS)?;
    Some(bs58::encode(key).into_string())
}

/// Whether `signature`, in base58, is the Ed25519 signature of `message` by the key of `address`.
pub(super) fn signed(address: &str, message: &str, signature: &str) -> bool {
    let Some(key) = decode::<KEY_BYTES>(address, MAX_ADDRESS_CHARS) else { return false };
    let Some(signature) = decode::<SIGNATURE_BYTES>(signature, MAX_SIGNATURE_CHARS) else { return false };
    UnparsedPublicKey::new(&ED25519, key).verify(message.as_bytes(), &signature).is_ok()
}

/// Exactly `BYTES` bytes. Decoding takes time with the square of the length, so the length comes first.
fn decode<const BYTES: usize>(text: &str, longest: usize) -> Option<[u8; BYTES]> {
    if text.len() > longest {
        return None;
    }
    let mut bytes = [0; BYTES];
    let length = bs58::decode(text).onto(&mut bytes[..]).ok()?;
    (length == BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn addresses_are_32_bytes_of_base58() {
        let system = "11111111111111111111111111111111";
        let token = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
        for right in [system, token] {
            assert_eq!(address(right).as_deref(), Some(right));
        }
        let long = "1".repeat(100_000);
        for wrong in ["", &system[1..], &token[1..], "0okenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", &long] {
            assert_eq!(address(wrong), None, "{}", wrong.len());
        }
    }
}
