//! Writing answers: `{"id":…,"status":…,"result":…}` or, instead of a result, an error.
//!
//! `rateLimits` is never part of it: this exchange does not count request weight yet, and a made-up figure is worse than none.

use crate::Error;

/// The answer to a request that succeeded; `id` and `result` are JSON text.
pub(super) fn success(id: &str, result: &str) -> String {
    format!("{{\"id\":{id},\"status\":200,\"result\":{result}}}")
}

/// The answer to a request that was refused or failed; `id` is JSON text.
pub(super) fn failure(id: &str, error: &Error) -> String {
    error.log();
    format!("{{\"id\":{id},\"status\":{},\"error\":{}}}", error.status().as_u16(), error.to_json())
}

#[cfg(test)]
mod tests {
    use super::{failure, success};
    use crate::Error;
    use expect_test::expect;

    #[test]
    fn the_shapes() {
        expect![[r#"{"id":"a","status":200,"result":{}}"#]].assert_eq(&success("\"a\"", "{}"));
        expect![[r#"{"id":7,"status":400,"error":{"code":-1022,"msg":"Signature for this request is not valid."}}"#]]
            .assert_eq(&failure("7", &Error::InvalidSignature));
        expect![[
            r#"{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}"#
        ]]
        .assert_eq(&failure("null", &Error::InvalidKey));
        expect![[r#"{"id":null,"status":409,"error":{"code":-2021,"msg":"Order cancel-replace partially failed.","data":{"a":1}}}"#]]
            .assert_eq(&failure("null", &Error::ReplacePartlyFailed("{\"a\":1}".to_owned())));
    }
}
