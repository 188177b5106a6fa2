//! Wallets of Ethereum and of the chains that work like it.

use alloy_primitives::{Address, Signature};

/// `0x` and 40 digits.
const ADDRESS_CHARS: usize = 42;
/// r, s and v.
const SIGNATURE_BYTES: usize = 65;

/// An address with the checksum of EIP-55. Letters of one case carry no checksum; of mixed case it must be right.
pub(super) fn address(text: &str) -> Option<String> {
    if text.len() != ADDRESS_CHARS || !text.starts_with("0x") {
        return None;
    }
    let address: Address = text.parse().ok()?;
    let written = address.to_checksum(None);
    let digits = &text[2..];
    let plain = !digits.contains(|digit: char| digit.is_ascii_lowercase())
        || !digits.contains(|digit: char| digit.is_ascii_uppercase());
    (plain || written == text).then_some(written)
}

/// Whether `signature` is that of `message` by the key of `address` (EIP-191, `personal_sign`): r, s and v in hexadecimal digits, v 27
/// or 28, or 0 or 1 as some wallets write it. Of the two values of s that mathematics allows, only the low one is taken (EIP-2).
pub(super) fn signed(address: &str, message: &str, signature: &str) -> bool {
    let digits = signature.strip_prefix("0x").unwrap_or(signature);
    let mut bytes = [0; SIGNATURE_BYTES];
    if hex::decode_to_slice(digits, &mut bytes).is_err() || !matches!(bytes[64], 0 | 1 | 27 | 28) {
        return false;
    }
    let Ok(signature) = Signature::from_raw_array(&bytes) else { return false };
    if signature.normalize_s().is_some() {
        return false;
    }
    signature.recover_address_from_msg(message).is_ok_and(|signer| signer.to_checksum(None) == address)
}

#[cfg(test)]
mod tests {
    use super::address;

    /// The examples of EIP-55.
    #[test]
    fn addresses_have_one_form_and_checksums_are_checked() {
        for right in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
        ] {
            assert_eq!(address(right).as_deref(), Some(right));
            assert_eq!(address(&right.to_lowercase()).as_deref(), Some(right));
            let upper = format!("0x{}", right[2..].to_uppercase());
            assert_eq!(address(&upper).as_deref(), Some(right));
        }
        for wrong in [
            "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
            "0xg09f2102306220921060314715629080e2fb77aa",
            "0X52908400098527886E0F7030069857D2E4169EE7",
            "",
        ] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
