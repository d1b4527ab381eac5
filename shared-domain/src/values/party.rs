//! Who takes part and where they are. Personal data: never to be logged.

use super::{AddressText, InvalidValue, PersonName, PostalCode};

/// Whom to reach about an order: by email, by phone or by both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Full name.
    pub name: PersonName,
    /// Email address.
    pub email: Option<Email>,
    /// Phone number.
    pub phone: Option<Phone>,
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Who receives there.
    pub recipient: PersonName,
    /// Company.
    pub organization: Option<PersonName>,
    /// Street, house number and the like: 1 to 5 lines.
    pub address_lines: Vec<AddressText>,
    /// City or town.
    pub locality: AddressText,
    /// State, province or region.
    pub administrative_area: Option<AddressText>,
    /// Postal code.
    pub postal_code: Option<PostalCode>,
    /// Country.
    pub region_code: CountryCode,
}

impl Address {
    /// The most lines that an address can have.
    pub const MAX_LINES: usize = 5;
}

/// An email address: 3 to 254 visible characters with one `@` inside. Whether mail arrives there, only mail can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks the form.
    ///
    /// # Errors
    /// [`InvalidValue`] naming the rule.
    pub fn new(email: impl Into<String>) -> Result<Self, InvalidValue> {
        let email = email.into();
        let visible = email.chars().all(|c| !c.is_control() && !c.is_whitespace());
        let parts: Vec<_> = email.split('@').collect();
        if visible
            && email.chars().count() <= 254
            && parts.len() == 2
            && parts.iter().all(|part| !part.is_empty())
        {
            return Ok(Self(email));
        }
        Err(InvalidValue("must be an email address of up to 254 visible characters with one @".into()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A phone number: 1 to 32 digits, spaces and `+-().`, with a digit among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Checks the form.
    ///
    /// # Errors
    /// [`InvalidValue`] naming the rule.
    pub fn new(phone: impl Into<String>) -> Result<Self, InvalidValue> {
        let phone = phone.into();
        let allowed = |b: u8| b.is_ascii_digit() || b" +-().".contains(&b);
        if phone.len() <= 32 && phone.bytes().all(allowed) && phone.bytes().any(|b| b.is_ascii_digit()) {
            return Ok(Self(phone));
        }
        Err(InvalidValue("must be a phone number of up to 32 digits, spaces and +-().".into()))
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A country: an ISO 3166-1 alpha-2 code in capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountryCode([u8; 2]);

/// ISO 3166-1 alpha-2: the codes that are officially assigned.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
    MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
    RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

impl CountryCode {
    /// Checks that the code is assigned.
    ///
    /// # Errors
    /// [`InvalidValue`] naming the rule.
    pub fn new(code: &str) -> Result<Self, InvalidValue> {
        match *code.as_bytes() {
            [a, b] if COUNTRIES.split_whitespace().any(|known| known == code) => Ok(Self([a, b])),
            _ => {
                Err(InvalidValue("must be an ISO 3166-1 alpha-2 country code in capitals, such as DE".into()))
            }
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two ASCII letters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_checked() {
        assert!(Email::new("a@b").is_ok());
        for bad in ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\u{0}"] {
            assert!(Email::new(bad).is_err(), "{bad}");
        }
        assert!(Phone::new("+49 (30) 123-456.7").is_ok());
        for bad in ["", "+", "12a", &"1".repeat(33)] {
            assert!(Phone::new(bad).is_err(), "{bad}");
        }
        assert_eq!(CountryCode::new("DE").unwrap().as_str(), "DE");
        for bad in ["", "de", "XX", "DEU", "D ", "E A"] {
            assert!(CountryCode::new(bad).is_err(), "{bad}");
        }
        assert_eq!(COUNTRIES.split_whitespace().count(), 249, "ISO 3166-1 has 249 countries");
    }
}
