//! Who a user says he is: names, date of birth, address. Sealed at rest.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::base::Base;
use crate::store::{profile as store, to_sql};
use crate::user::UserId;
use crate::{Error, Refusal};

/// Characters of a field.
const MAX_CHARS: usize = 128;
/// Who trades has come of age.
const YEARS: i16 = 18;
const MOST_YEARS: i16 = 130;

/// What a user says of himself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// First names.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// A day such as `1990-12-31`.
    pub born_on: Option<Date>,
    /// Where he lives, two letters of ISO 3166-1.
    pub country: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// Street and number.
    pub street: Option<String>,
}

/// The profiles of all users.
#[derive(Debug)]
pub struct Profiles {
    base: Base,
}

impl Profiles {
    pub(crate) fn new(base: Base) -> Self {
        Self { base }
    }

    /// The user's profile; empty until it is written.
    ///
    /// # Errors
    /// [`Error::Internal`] if it does not open, or the database's.
    pub async fn get(&self, user: UserId) -> Result<Profile, Error> {
        let Some(sealed) = store::find(self.base.db.read(), user.0).await? else { return Ok(Profile::default()) };
        let opened = self.base.sealing.open(&bound_to(user), &sealed);
        let plain = opened.map_err(|_| Error::Internal(format!("the profile of user {} does not open", user.0)))?;
        serde_json::from_slice(plain.expose())
            .map_err(|_| Error::Internal(format!("the profile of user {} cannot be read", user.0)))
    }

    /// Writes the user's profile in the place of the one that was there.
    ///
    /// # Errors
    /// [`Refusal::Text`], [`Refusal::Country`], [`Refusal::BirthDate`], or the database's.
    pub async fn put(&self, user: UserId, profile: &Profile, now_us: u64) -> Result<(), Error> {
        check(profile, now_us)?;
        let plain = serde_json::to_vec(profile).map_err(|error| Error::Internal(error.to_string()))?;
        let sealed = self.base.sealing.seal(&*self.base.random, &bound_to(user), &plain);
        let write = self.base.db.begin().await?;
        store::put(&write, user.0, sealed, to_sql(now_us)).await?;
        write.commit().await?;
        Ok(self.base.db.make_durable().await?)
    }
}

fn bound_to(user: UserId) -> Vec<u8> {
    format!("identity profile {}", user.0).into_bytes()
}

fn check(profile: &Profile, now_us: u64) -> Result<(), Refusal> {
    let texts = [&profile.first_name, &profile.last_name, &profile.city, &profile.postcode, &profile.street];
    let wrong = |text: &String| {
        text.trim().is_empty() || text.chars().count() > MAX_CHARS || text.chars().any(char::is_control)
    };
    if texts.into_iter().flatten().any(wrong) {
        return Err(Refusal::Text);
    }
    let two_letters = |text: &String| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if profile.country.as_ref().is_some_and(|country| !two_letters(country)) {
        return Err(Refusal::Country);
    }
    let Some(born_on) = profile.born_on else { return Ok(()) };
    let now = jiff::Timestamp::from_microsecond(to_sql(now_us)).map_err(|_| Refusal::BirthDate)?;
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let years = |years: i16| Date::new(today.year() - years, today.month(), today.day().min(28));
    let of_age = years(YEARS).is_ok_and(|latest| born_on <= latest);
    let alive = years(MOST_YEARS).is_ok_and(|earliest| born_on >= earliest);
    if of_age && alive { Ok(()) } else { Err(Refusal::BirthDate) }
}
