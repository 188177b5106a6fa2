//! Countries of addresses, from a file of MaxMind's format with networks of the documentation.

use std::path::Path;

use identity::GeoIp;

#[test]
fn an_address_has_the_country_of_its_network() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/geo/countries.mmdb");
    let geo = GeoIp::open(&file).unwrap();
    for (address, country) in [
        ("127.0.0.1", Some("CH")),
        ("2001:db8::7", Some("CH")),
        ("192.0.2.200", Some("FR")),
        // An address of IPv4 that came over IPv6 is the same one.
        ("::ffff:192.0.2.200", Some("FR")),
        ("203.0.113.1", None),
        ("2001:db8:ffff::1", None),
        // No code of a country.
        ("198.51.100.1", None),
    ] {
        assert_eq!(geo.country(address.parse().unwrap()).as_deref(), country, "{address}");
    }
}

#[test]
fn a_file_that_is_none_stops_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countries.mmdb");
    assert!(GeoIp::open(&file).unwrap_err().to_string().contains("countries.mmdb"));
    std::fs::write(&file, "no countries").unwrap();
    assert!(GeoIp::open(&file).unwrap_err().to_string().contains("identity.geoip_file"));
}
