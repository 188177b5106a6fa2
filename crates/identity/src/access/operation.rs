//! Patterns of operations.

/// Longest pattern.
const MAX_BYTES: usize = 256;

/// What a role may do: `GET /api/v2/admin/users`, where `*` stands for any method, or at the end for the rest of the path; `*` alone is
/// everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationPattern(String);

impl OperationPattern {
    /// Reads a pattern. `None`: it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let method = |method: &str| {
            method == "*" || (1..=16).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        let path = |path: &str| {
            let (body, _) = path.strip_suffix('*').map_or((path, false), |body| (body, true));
            path.starts_with('/') && body.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*')
        };
        let parts = |text: &str| text.split_once(' ').is_some_and(|(first, second)| method(first) && path(second));
        (text.len() <= MAX_BYTES && (text == "*" || parts(text))).then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an operation, as its door names it, is meant.
    pub fn matches(&self, operation: &str) -> bool {
        let (Some((method, path)), Some((asked_method, asked_path))) =
            (self.0.split_once(' '), operation.split_once(' '))
        else {
            return self.0 == "*";
        };
        let path_matches = match path.strip_suffix('*') {
            Some(prefix) => asked_path.starts_with(prefix),
            None => path == asked_path,
        };
        (method == "*" || method == asked_method) && path_matches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_say() {
        for (pattern, operation, expected) in [
            ("*", "GET /api/v2/admin/users", true),
            ("*", "/rialto.v1.Orders/Place", true),
            ("GET /api/v2/admin/users", "GET /api/v2/admin/users", true),
            ("GET /api/v2/admin/users", "POST /api/v2/admin/users", false),
            ("GET /api/v2/admin/users", "GET /api/v2/admin/users/1", false),
            ("GET /api/v2/admin/*", "GET /api/v2/admin/users/1", true),
            ("GET /api/v2/admin/*", "GET /api/v2/admin", false),
            ("GET /api/v2/admin/*", "get /api/v2/admin/users", false),
            ("* /api/v2/admin/*", "DELETE /api/v2/admin/users", true),
            ("* /api/v2/admin/*", "DELETE /api/v2/Admin/users", false),
            ("* /api/v2/admin/*", "no operation", false),
            ("* /api/v2/admin/*", "", false),
        ] {
            assert_eq!(
                OperationPattern::parse(pattern).unwrap().matches(operation),
                expected,
                "{pattern}: {operation}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let long = format!("GET /{}", "a".repeat(256));
        for text in
            ["", "GET", "GET users", "get /users", "GET /a*b", "* *", "GET  /a", "GET /a b", "GET /\n", "GET /ä", &long]
        {
            assert_eq!(OperationPattern::parse(text), None, "{text}");
        }
    }
}
