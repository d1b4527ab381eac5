//! The forms of contacts and addresses in `jsonb`.

use serde::{Deserialize, Serialize};
use shared_domain::{
    Address, AddressText, Contact, CountryCode, Email, InvalidValue, PersonName, Phone, PostalCode,
};

use super::stored::optional_text;

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::persistence) struct ContactJson {
    name: String,
    email: Option<String>,
    phone: Option<String>,
}

impl From<&Contact> for ContactJson {
    fn from(contact: &Contact) -> Self {
        Self {
            name: contact.name.as_str().to_owned(),
            email: optional_text!(contact.email),
            phone: optional_text!(contact.phone),
        }
    }
}

impl TryFrom<ContactJson> for Contact {
    type Error = InvalidValue;

    fn try_from(json: ContactJson) -> Result<Self, InvalidValue> {
        Ok(Self {
            name: PersonName::new(json.name)?,
            email: json.email.map(Email::new).transpose()?,
            phone: json.phone.map(Phone::new).transpose()?,
        })
    }
}

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::persistence) struct AddressJson {
    recipient: String,
    organization: Option<String>,
    address_lines: Vec<String>,
    locality: String,
    administrative_area: Option<String>,
    postal_code: Option<String>,
    region_code: String,
}

impl From<&Address> for AddressJson {
    fn from(address: &Address) -> Self {
        Self {
            recipient: address.recipient.as_str().to_owned(),
            organization: optional_text!(address.organization),
            address_lines: address.address_lines.iter().map(|line| line.as_str().to_owned()).collect(),
            locality: address.locality.as_str().to_owned(),
            administrative_area: optional_text!(address.administrative_area),
            postal_code: optional_text!(address.postal_code),
            region_code: address.region_code.as_str().to_owned(),
        }
    }
}

impl TryFrom<AddressJson> for Address {
    type Error = InvalidValue;

    fn try_from(json: AddressJson) -> Result<Self, InvalidValue> {
        Ok(Self {
            recipient: PersonName::new(json.recipient)?,
            organization: json.organization.map(PersonName::new).transpose()?,
            address_lines: json.address_lines.into_iter().map(AddressText::new).collect::<Result<_, _>>()?,
            locality: AddressText::new(json.locality)?,
            administrative_area: json.administrative_area.map(AddressText::new).transpose()?,
            postal_code: json.postal_code.map(PostalCode::new).transpose()?,
            region_code: CountryCode::new(&json.region_code)?,
        })
    }
}
