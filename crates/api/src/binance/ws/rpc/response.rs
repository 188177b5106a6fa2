//! Writing answers: `{"id":…,"status":…,"result":…,"rateLimits":…}` or, instead of a result, an error.

use crate::Error;

/// The answer to a request that succeeded; `id`, `result` and the limits, when they are told, are JSON text.
pub(super) fn success(id: &str, result: &str, limits: Option<&str>) -> String {
    format!("{{\"id\":{id},\"status\":200,\"result\":{result}{}}}", told(limits))
}

/// The answer to a request that was refused or failed; `id` and the limits are JSON text.
pub(super) fn failure(id: &str, error: &Error, limits: Option<&str>) -> String {
    error.log();
    let body = match error {
        Error::TooMuch(much) => {
            let said = crate::json::quoted(&error.to_string());
            format!("{{\"code\":{},\"msg\":{said},\"data\":{}}}", error.code(), much.data())
        }
        _ => error.to_json(),
    };
    format!("{{\"id\":{id},\"status\":{},\"error\":{body}{}}}", error.status().as_u16(), told(limits))
}

fn told(limits: Option<&str>) -> String {
    limits.map(|limits| format!(",\"rateLimits\":{limits}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{failure, success};
    use crate::Error;
    use expect_test::expect;

    #[test]
    fn the_shapes() {
        expect![[r#"{"id":"a","status":200,"result":{}}"#]].assert_eq(&success("\"a\"", "{}", None));
        expect![[r#"{"id":1,"status":200,"result":{},"rateLimits":[]}"#]].assert_eq(&success("1", "{}", Some("[]")));
        expect![[r#"{"id":7,"status":400,"error":{"code":-1022,"msg":"Signature for this request is not valid."}}"#]]
            .assert_eq(&failure("7", &Error::InvalidSignature, None));
        expect![[
            r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#
        ]]
        .assert_eq(&failure("null", &Error::InvalidKey, None));
        expect![[r#"{"id":null,"status":409,"error":{"code":-2021,"msg":"Order cancel-replace partially failed.","data":{"a":1}}}"#]]
            .assert_eq(&failure("null", &Error::ReplacePartlyFailed("{\"a\":1}".to_owned()), None));
    }
}
