//! What a browser says of itself, in two words. Nothing is decided by it.

/// In the order in which they are looked for: most browsers also name those that they are like.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

pub fn browser(user_agent: &str) -> Option<&'static str> {
    first(BROWSERS, user_agent)
}

pub fn system(user_agent: &str) -> Option<&'static str> {
    first(SYSTEMS, user_agent)
}

fn first(known: &[(&str, &'static str)], user_agent: &str) -> Option<&'static str> {
    known
        .iter()
        .find(|(sign, _)| user_agent.contains(sign))
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_browsers_are_named() {
        for (user_agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                (Some("Edge"), Some("Windows")),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                (Some("Safari"), Some("iPhone")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
                (Some("Chrome"), Some("Android")),
            ),
            ("", (None, None)),
        ] {
            assert_eq!((browser(user_agent), system(user_agent)), expected, "{user_agent}");
        }
    }
}
