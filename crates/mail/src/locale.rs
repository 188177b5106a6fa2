//! Languages of letters.

/// A language that every template is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, for everybody whose language is not here.
    En,
    /// German.
    De,
}

impl Locale {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Its code (ISO 639-1), which is also the beginning of its files' names.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a tag such as `de`, `de-AT` or `de_CH` (BCP 47); English for any other.
    pub fn from_tag(tag: &str) -> Self {
        let code = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| code.eq_ignore_ascii_case(locale.code())).unwrap_or(Self::En)
    }

    /// A moment in this language's form, in UTC, to the minute; nothing when it is no time of this age.
    pub(crate) fn time(self, time_us: i64) -> Option<String> {
        let form = match self {
            Self::En => "%Y-%m-%d %H:%M UTC",
            Self::De => "%d.%m.%Y %H:%M UTC",
        };
        Some(jiff::Timestamp::from_microsecond(time_us).ok()?.strftime(form).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn tags_lead_to_a_language_that_there_is() {
        for (tag, locale) in
            [("de", Locale::De), ("DE-at", Locale::De), ("de_CH", Locale::De), ("en-GB", Locale::En), ("", Locale::En)]
        {
            assert_eq!(Locale::from_tag(tag), locale, "{tag}");
        }
        assert_eq!(Locale::from_tag("den"), Locale::En);
    }

    #[test]
    fn times_are_told_in_utc() {
        assert_eq!(Locale::De.time(1_700_000_000_000_000).unwrap(), "14.11.2023 22:13 UTC");
        assert_eq!(Locale::En.time(0).unwrap(), "1970-01-01 00:00 UTC");
        assert_eq!(Locale::En.time(i64::MAX), None);
    }
}
