//! Writing JSON: the shapes are `serde` structs that borrow what they show, numbers of money go straight into the buffer.

use std::borrow::Cow;
use std::cell::RefCell;

use model::decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::Error;

/// Least decimals of a price, quantity or amount. Clients compare such texts: python-binance deletes a price level only on
/// `"0.00000000"`.
pub const MIN_DECIMALS: u8 = 8;

/// Units of `10^-decimals`, shown as a JSON string with at least `min` decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    value: i128,
    decimals: u8,
    min: u8,
}

impl Decimal {
    /// A price, quantity or amount: at least [`MIN_DECIMALS`] decimals.
    pub const fn new(value: i64, decimals: u8) -> Self {
        // The widening cannot lose anything; `From` is not const.
        Self { value: value as i128, decimals, min: MIN_DECIMALS }
    }

    /// A sum that may be longer than 64 bits.
    pub const fn wide(value: i128, decimals: u8) -> Self {
        Self { value, decimals, min: MIN_DECIMALS }
    }

    /// Shown with at least `min` decimals.
    pub const fn at_least(value: i64, decimals: u8, min: u8) -> Self {
        Self { value: value as i128, decimals, min }
    }

    /// Appends the text, without quotes.
    pub fn write(&self, out: &mut String) {
        match i64::try_from(self.value) {
            Ok(value) => decimal::write(out, value, self.decimals, self.min),
            Err(_) => marketdata::Total(self.value).write(out, self.decimals, self.min),
        }
    }
}

thread_local! {
    // One decimal at a time is formatted here, so that writing one allocates nothing.
    static SCRATCH: RefCell<String> = RefCell::new(String::with_capacity(64));
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^-?[0-9]+(\\.[0-9]+)?$",
            "description": "A number, exact, mostly with at least eight decimals.",
        })
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SCRATCH.with_borrow_mut(|text| {
            text.clear();
            self.write(text);
            serializer.serialize_str(text)
        })
    }
}

/// A decimal as a JSON number, exact to its last digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl JsonSchema for Number {
    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(32);
        self.0.write(&mut text);
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// JSON text of a value.
///
/// # Errors
/// [`Error::Internal`] when the value cannot be JSON, which no shape of this crate allows.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut out = Vec::with_capacity(512);
    serde_json::to_writer(&mut out, value).map_err(|error| Error::Internal(error.to_string()))?;
    String::from_utf8(out).map_err(|error| Error::Internal(error.to_string()))
}

/// JSON that is written already, as a part of other JSON.
///
/// # Errors
/// [`Error::Internal`] when it is none.
pub fn raw(text: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(text).map_err(|error| Error::Internal(error.to_string()))
}

/// A text as a JSON string, quotes included.
pub fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
