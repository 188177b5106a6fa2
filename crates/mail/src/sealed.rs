//! A letter as it lies in the queue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;
use serde::{Deserialize, Serialize};

use crate::letter::address;
use crate::{Data, Error, Letter, Locale, Template};

/// Most bytes of sealed data; the largest letter needs less.
const MAX_SEALED: usize = 64 << 10;

/// A letter whose data is sealed: the payload of its job. Whoever can read the queue sees to whom which letter goes, but not the
/// token in its link; whoever can write to it can neither change a letter nor send it to another address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedLetter {
    id: String,
    to: String,
    template: String,
    locale: Locale,
    written_at_us: u64,
    data: String,
}

impl SealedLetter {
    /// Seals a letter.
    pub fn seal(letter: &Letter, sealing: &SealingKey, random: &dyn Random) -> Self {
        let mut sealed = Self {
            id: letter.id.clone(),
            to: letter.to().to_owned(),
            template: letter.template.name().to_owned(),
            locale: letter.locale,
            written_at_us: letter.written_at_us,
            data: String::new(),
        };
        let plain = serde_json::to_vec(&letter.data).expect("a map of texts is always JSON");
        sealed.data = STANDARD.encode(sealing.seal(random, &sealed.bound(), &plain));
        sealed
    }

    /// The letter again.
    ///
    /// # Errors
    /// [`Error::Sealed`] for another key or if anything was changed; [`Error::Unreadable`] for a template that this version of the
    /// program does not have; and the errors of [`Letter::new`].
    pub fn open(&self, sealing: &SealingKey) -> Result<Letter, Error> {
        if self.data.len() > MAX_SEALED {
            return Err(Error::Unreadable("it is too large"));
        }
        let sealed = STANDARD.decode(&self.data).map_err(|_| Error::Unreadable("its data is not base64"))?;
        let plain = sealing.open(&self.bound(), &sealed)?;
        let data: Data = serde_json::from_slice(plain.expose()).map_err(|_| Error::Unreadable("its data is no map"))?;
        let template = Template::from_name(&self.template).ok_or(Error::Unreadable("there is no such template"))?;
        data.check(template)?;
        let to = address(&self.to)?;
        let (id, locale, written_at_us) = (self.id.clone(), self.locale, self.written_at_us);
        Ok(Letter { id, to, template, locale, written_at_us, data })
    }

    /// What the data is bound to: everything else, so that nothing of it can be exchanged. None of the parts holds a line end.
    fn bound(&self) -> Vec<u8> {
        let Self { id, to, template, locale, written_at_us, .. } = self;
        format!("mail letter\n{id}\n{to}\n{template}\n{}\n{written_at_us}", locale.code()).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use runtime::entropy::SeededRandom;

    use super::*;
    use crate::sample;

    fn letter() -> Letter {
        let random = SeededRandom::new(1);
        let data = sample(Template::ResetPassword);
        Letter::new(&random, 5, "a@b.example", Template::ResetPassword, Locale::De, data).unwrap()
    }

    #[test]
    fn the_payload_gives_no_token_away_and_opens_again() {
        let (key, random) = (SealingKey::from_bytes(&[1; 32]), SeededRandom::new(2));
        let payload = serde_json::to_string(&SealedLetter::seal(&letter(), &key, &random)).unwrap();
        assert!(!payload.contains("token") && payload.contains("a@b.example"), "{payload}");
        let read: SealedLetter = serde_json::from_str(&payload).unwrap();
        assert_eq!(read.open(&key).unwrap(), letter());
        assert!(read.open(&SealingKey::from_bytes(&[2; 32])).is_err());
    }

    #[test]
    fn nothing_of_it_can_be_exchanged() {
        let (key, random) = (SealingKey::from_bytes(&[1; 32]), SeededRandom::new(2));
        let sealed = SealedLetter::seal(&letter(), &key, &random);
        let changes: [fn(&mut SealedLetter); 6] = [
            |sealed| sealed.id.push('0'),
            |sealed| sealed.to = "thief@b.example".to_owned(),
            |sealed| sealed.template = "already-registered".to_owned(),
            |sealed| sealed.locale = Locale::En,
            |sealed| sealed.written_at_us += 1,
            |sealed| sealed.data.replace_range(8..9, "_"),
        ];
        for change in changes {
            let mut changed = sealed.clone();
            change(&mut changed);
            assert!(changed.open(&key).is_err(), "{changed:?}");
        }
    }
}
