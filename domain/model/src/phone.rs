//! Telephone numbers in E.164, by the library that carries Google's numbering-plan data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A telephone number in E.164: `+`, the country code and the national number, at most 15 digits.
///
/// Any assigned country code and a possible length are required; whether the number is in use is nobody's to know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// Two letters of ISO 3166-1 that say how a number without a country code is read: `GB`, `US`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Why a telephone number or a country was refused. It never repeats the number, which is personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumber {
    /// Not a telephone number at all.
    #[error("this is no telephone number")]
    NotANumber,
    /// Written without a country code, and no country was given to read it by.
    #[error("the country code is missing: write the number with + in front")]
    NoCountry,
    /// A country code that nobody has.
    #[error("the country code is not assigned")]
    UnknownCountry,
    /// Too few or too many digits for its country, or more than the 15 of E.164.
    #[error("the number has the wrong count of digits for its country")]
    WrongLength,
    /// No two-letter country that has telephone numbers.
    #[error("this is no country of ISO 3166-1 with telephone numbers, such as GB")]
    NotACountry,
}

impl PhoneNumber {
    /// Reads a number as a person or a carrier writes it; `country` is for numbers written without a country code.
    ///
    /// # Errors
    /// [`InvalidNumber`] says what is wrong, without repeating the number.
    pub fn read(text: &str, country: Option<Country>) -> Result<Self, InvalidNumber> {
        // The longest thing that anybody writes for 15 digits; a guard in front of the parser's regular expressions.
        if text.len() > 64 {
            return Err(InvalidNumber::NotANumber);
        }
        let region = country.map(Country::region).transpose()?;
        let number = phonenumber::parse(region, text).map_err(|refused| match refused {
            phonenumber::ParseError::InvalidCountryCode
                if country.is_none() && !text.trim_start().starts_with('+') =>
            {
                InvalidNumber::NoCountry
            }
            phonenumber::ParseError::InvalidCountryCode => InvalidNumber::UnknownCountry,
            phonenumber::ParseError::TooShortAfterIdd
            | phonenumber::ParseError::TooShortNsn
            | phonenumber::ParseError::TooLong => InvalidNumber::WrongLength,
            phonenumber::ParseError::NoNumber | phonenumber::ParseError::MalformedInteger(_) => {
                InvalidNumber::NotANumber
            }
        })?;
        if number.country().id().is_none()
            && phonenumber::metadata::DATABASE
                .by_code(&number.code().value())
                .is_none()
        {
            return Err(InvalidNumber::UnknownCountry);
        }
        let e164 = number.format().mode(phonenumber::Mode::E164).to_string();
        // E.164, section 6: at most 15 digits; the shortest assigned numbers have 7 with the country code.
        if !(8..=16).contains(&e164.len()) {
            return Err(InvalidNumber::WrongLength);
        }
        Ok(Self(e164))
    }

    /// Returns the country whose number it is; none where several share a code and nobody can tell, or none has it.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        let number = phonenumber::parse(None, &self.0).ok()?;
        number.country().id()?.as_ref().parse().ok()
    }

    /// Returns the number in E.164, such as `+442079460000`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Country {
    fn region(self) -> Result<phonenumber::country::Id, InvalidNumber> {
        self.as_str().parse().map_err(|_| InvalidNumber::NotACountry)
    }

    /// Returns the two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters were checked when it was made")
    }
}

impl FromStr for Country {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => {
                let country = Self([*a, *b]);
                country.region().map(|_| country)
            }
            _ => Err(InvalidNumber::NotACountry),
        }
    }
}

impl FromStr for PhoneNumber {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        Self::read(text, None)
    }
}

// Printed only through Private, whose Display hides it; a number of our own may be shown.
impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidNumber;

    // What the log holds was checked when it was recorded, and numbering plans change: only the shape is asked for.
    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        let digits = text.strip_prefix('+').ok_or(InvalidNumber::NoCountry)?;
        if digits.bytes().all(|b| b.is_ascii_digit()) && (7..=15).contains(&digits.len()) {
            Ok(Self(text))
        } else {
            Err(InvalidNumber::NotANumber)
        }
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidNumber;

    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{Country, PhoneNumber};
    use proptest::prelude::*;

    impl Arbitrary for PhoneNumber {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            // Ranges that Ofcom and the NANPA keep for fiction.
            prop_oneof![
                (0_u32..10).prop_map(|n| Self(format!("+4420794600{n:02}"))),
                (0_u32..10).prop_map(|n| Self(format!("+120255501{n:02}"))),
            ]
            .boxed()
        }
    }

    impl Arbitrary for Country {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            proptest::sample::select(vec![Self(*b"GB"), Self(*b"US"), Self(*b"DE"), Self(*b"SG")]).boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let gb = "GB".parse().ok();
        let us = "US".parse().ok();
        for (text, country, e164) in [
            ("020 7946 0000", gb, "+442079460000"),
            ("+44 (0)20 7946 0000", None, "+442079460000"),
            ("0044 20 7946 0000", gb, "+442079460000"),
            ("(202) 555-0100", us, "+12025550100"),
            ("+65 6123 4567", gb, "+6561234567"),
        ] {
            assert_eq!(
                PhoneNumber::read(text, country).map(String::from),
                Ok(e164.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_wrong_number_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", InvalidNumber::NotANumber),
            ("hello", InvalidNumber::NotANumber),
            ("02079460000", InvalidNumber::NoCountry),
            ("+999123456789", InvalidNumber::UnknownCountry),
            ("+4412345678901234567", InvalidNumber::WrongLength),
        ] {
            assert_eq!(text.parse::<PhoneNumber>(), Err(reason), "{text}");
        }
    }
}
