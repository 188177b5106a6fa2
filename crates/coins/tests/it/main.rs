//! The coin list, on both databases.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use coins::{CACHE_SECONDS, Coins, Error, parse_file};

const FILE: &str = r#"
[[coin]]
symbol = "BTC"
name = "Bitcoin"
description = "The first cryptocurrency.\nIt is scarce."
precision = 8
precision_text = "1 satoshi"
icon = "data:image/svg+xml;base64,PHN2Zy8+"
coinmarketcap_id = 1
[coin.links]
website = "https://bitcoin.org"
source = "https://github.com/bitcoin/bitcoin"

[[coin]]
symbol = "XMR"
name = "Monero"
precision = 12
"#;

const NOW: u64 = 1_700_000_000_000_000;

db::on_each_database! {
    async fn what_is_imported_is_listed(test: &TestDb) {
        db::migrate(&test.db, &[coins::migrations()]).await.unwrap();
        let coins = Coins::new(test.db.clone());
        assert!(coins.list(0).await.unwrap().is_empty());
        let imported = parse_file(FILE).unwrap();
        coins.import(&imported, NOW).await.unwrap();
        assert_eq!(*coins.list(0).await.unwrap(), *imported);

        // JSON says the same; what is there is written over, the rest stays.
        let json = r#"{"coin": [{"symbol": "XMR", "name": "Monero (XMR)", "precision": 4}]}"#;
        coins.import(&parse_file(json).unwrap(), NOW + 1).await.unwrap();
        let listed = coins.list(0).await.unwrap();
        assert_eq!(listed[0], imported[0]);
        assert_eq!((listed[1].name.as_str(), listed[1].precision_text.as_str()), ("Monero (XMR)", "0.0001"));
        // A seed does not.
        coins.seed(&imported, NOW + 2).await.unwrap();
        assert_eq!(coins.list(0).await.unwrap(), listed);
        assert!(coins.remove("XMR").await.unwrap() && !coins.remove("XMR").await.unwrap());
        assert_eq!(coins.list(0).await.unwrap().len(), 1);
    }

    async fn another_process_shows_after_a_while(test: &TestDb) {
        db::migrate(&test.db, &[coins::migrations()]).await.unwrap();
        let (coins, other) = (Coins::new(test.db.clone()), Coins::new(test.db.clone()));
        assert!(coins.list(10).await.unwrap().is_empty());
        other.import(&parse_file(FILE).unwrap(), NOW).await.unwrap();
        let later = CACHE_SECONDS * 1_000_000;
        assert!(coins.list(9 + later).await.unwrap().is_empty(), "believed for so long");
        assert_eq!(coins.list(10 + later).await.unwrap().len(), 2);
    }

    async fn nothing_of_a_bad_list_is_stored(test: &TestDb) {
        db::migrate(&test.db, &[coins::migrations()]).await.unwrap();
        let coins = Coins::new(test.db.clone());
        let mut list = parse_file(FILE).unwrap();
        list[1].name.clear();
        assert!(matches!(coins.import(&list, NOW).await, Err(Error::Coin { symbol, .. }) if symbol == "XMR"));
        assert!(coins.list(0).await.unwrap().is_empty());
        let many = (0..=coins::MAX_COINS).map(|n| coins::Coin { symbol: format!("C{n}"), ..list[0].clone() });
        let many: Vec<_> = many.collect();
        assert!(matches!(coins.import(&many, NOW).await, Err(Error::TooManyCoins)));
        assert!(coins.list(0).await.unwrap().is_empty());
    }
}

#[test]
fn what_cannot_be_is_named() {
    let with = |line: &str| {
        let mut lines: Vec<&str> = vec!["symbol = \"BTC\"", "name = \"Bitcoin\"", "precision = 8"];
        let key = line.split(' ').next().unwrap();
        lines.retain(|other| !other.starts_with(&format!("{key} ")));
        lines.push(line);
        parse_file(&format!("[[coin]]\n{}\n", lines.join("\n"))).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(with("icon = \"https://example.org/btc.svg\""), Ok(()));
    for (line, want) in [
        ("symbol = \"btc\"", "btc: the symbol is no name of an asset such as BTC"),
        ("name = \"\"", "BTC: the name is empty"),
        ("precision = 19", "BTC: a precision of 19 is more than 18 decimals"),
        ("links = { website = \"javascript:x\" }", "BTC: the link `website` must begin with https:// or http://"),
        ("icon = \"file:///etc\"", "BTC: the icon must begin with https://, http:// or data:image/"),
        ("networks = [\"bitcoin\"]", "BTC: networks must be empty: there is no custody on chains yet"),
        ("name = \"a\\u0000b\"", "BTC: name must have at most 200 characters and no control characters"),
    ] {
        assert_eq!(with(line), Err(want.to_owned()));
    }
    assert!(with("colour = \"orange\"").unwrap_err().contains("unknown field `colour`"));
    assert!(parse_file(&format!("{FILE}\n{FILE}")).unwrap_err().to_string().contains("twice"));
    assert!(parse_file("{\"coin\": 1}").is_err() && parse_file("[[coin").is_err());
}
