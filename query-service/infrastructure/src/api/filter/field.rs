//! The fields that a filter can name.

use query_application::TimeField;
use shared_domain::Code;

/// A field, as far as it decides how the rest of a comparison is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    State,
    PaymentState,
    FulfillmentState,
    Hold,
    Channel,
    Customer,
    OrderNumber,
    ExternalSource,
    ExternalId,
    Tags,
    Metadata(Code),
    LineSku,
    Total,
    Time(TimeField),
}

impl Field {
    /// The field with this path.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) fn at(path: &[&str]) -> Result<Self, String> {
        Ok(match path {
            ["state"] => Self::State,
            ["payment_state"] => Self::PaymentState,
            ["fulfillment_state"] => Self::FulfillmentState,
            ["hold"] => Self::Hold,
            ["channel"] => Self::Channel,
            ["customer_id"] => Self::Customer,
            ["order_number"] => Self::OrderNumber,
            ["external_reference", "source"] => Self::ExternalSource,
            ["external_reference", "id"] => Self::ExternalId,
            ["tags"] => Self::Tags,
            ["lines", "sku"] => Self::LineSku,
            ["total"] => Self::Total,
            ["create_time"] => Self::Time(TimeField::Create),
            ["place_time"] => Self::Time(TimeField::Place),
            ["update_time"] => Self::Time(TimeField::Update),
            ["complete_time"] => Self::Time(TimeField::Complete),
            ["metadata", key] => match Code::new(*key) {
                Ok(key) => Self::Metadata(key),
                Err(invalid) => return Err(format!("a key of metadata {invalid}")),
            },
            ["metadata"] => return Err("`metadata` needs a key, as in `metadata.color`".into()),
            ["metadata", ..] => {
                return Err("a key with a dot goes into quotes, as in `metadata.\"a.b\"`".into());
            }
            _ => return Err(format!("`{}` is no field to filter by", path.join("."))),
        })
    }
}
