use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Mutex,
};

use async_trait::async_trait;

use super::*;
use crate::stand_in::{Reply, StandIn, nobody};

/// Answers each name from its list, the last answer for ever.
struct Written(Mutex<HashMap<&'static str, Vec<Vec<&'static str>>>>);

#[async_trait]
impl Lookup for Written {
    async fn lookup(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        let mut names = self.0.lock().expect("no poison");
        let answers = names.get_mut(name).ok_or(std::io::ErrorKind::NotFound)?;
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers[0].clone()
        };
        Ok(answer
            .iter()
            .map(|ip| SocketAddr::new(ip.parse().expect("an address"), 0))
            .collect())
    }
}

fn written(names: &[(&'static str, &[&[&'static str]])]) -> Arc<dyn Lookup> {
    let lists = names
        .iter()
        .map(|(name, answers)| (*name, answers.iter().map(|a| a.to_vec()).collect()));
    Arc::new(Written(Mutex::new(lists.collect())))
}

fn outbound() -> Outbound {
    Outbound::new(&[]).expect("a client")
}

#[test]
fn s16_addresses_inside_are_not_public() {
    for inside in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.1.1.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "100::1",
    ] {
        assert!(
            !is_public(inside.parse::<IpAddr>().expect("an address")),
            "{inside}"
        );
    }
    for outside in [
        "1.1.1.1",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "169.253.1.1",
        "2606:4700::1111",
        "2a00:1450:4001::1",
    ] {
        assert!(
            is_public(outside.parse::<IpAddr>().expect("an address")),
            "{outside}"
        );
    }
}

#[test]
fn s17_a_tenants_url_that_leads_inside_is_refused_in_every_spelling() {
    let outbound = outbound();
    for url in [
        // S16: literal
        "https://127.0.0.1",
        "https://127.0.0.1:8443/x",
        "https://10.0.0.1",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]",
        "https://[fd00:ec2::254]/latest",
        "https://localhost",
        "https://LOCALHOST.",
        "https://a.localhost",
        "https://metadata.google.internal/computeMetadata/v1",
        "https://metadata",
        "https://printer.local",
        "https://db",
        "http://127.0.0.1",
        "http://[::]",
        // S17: encoded
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:7f00:1]",
        "https://[::]",
        "https://[64:ff9b::7f00:1]",
        "https://[64:ff9b::169.254.169.254]",
        "https://[2002:7f00:1::]",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.0.0.1",
        "https://0177.0.0.1",
        "https://017700000001",
        "https://127.1",
        "https://0",
        "https://127.0.0.1.",
        "https://①②⑦.0.0.1",
        "https://１２７.0.0.1",
        "https://%31%32%37.0.0.1",
        "https://127。0。0。1",
    ] {
        assert_eq!(outbound.tenant(url).err(), Some(UrlError::NotPublic), "{url}");
    }
    for (url, error) in [
        ("http://shop.example", UrlError::Scheme),
        ("ftp://shop.example", UrlError::Scheme),
        ("file:///etc/passwd", UrlError::Scheme),
        ("gopher://127.0.0.1:25", UrlError::Scheme),
        ("https://user:pass@shop.example", UrlError::Userinfo),
        ("https://shop.example@127.0.0.1", UrlError::Userinfo),
        ("https://shop.example/?x=1", UrlError::Malformed),
        ("https://shop.example/#x", UrlError::Malformed),
        ("https://", UrlError::Malformed),
        ("shop.example", UrlError::Malformed),
        ("", UrlError::Malformed),
    ] {
        assert_eq!(outbound.tenant(url).err(), Some(error), "{url}");
    }
    for url in [
        "https://shop.example",
        " https://shop.example:8443/wp ",
        "https://1.1.1.1",
        "https://[2606:4700::1111]",
    ] {
        assert!(
            outbound.tenant(url).is_ok_and(|target| !target.is_trusted),
            "{url}"
        );
    }
}

/// S18: the address is judged where it is connected to.
#[tokio::test]
async fn s18_a_name_that_resolves_inside_is_refused_at_connect() {
    let lookup = written(&[
        ("127.0.0.1.nip.example", &[&["127.0.0.1"]]),
        ("metadata.evil.example", &[&["169.254.169.254"]]),
        ("mapped.evil.example", &[&["::ffff:10.0.0.1"]]),
        ("mixed.evil.example", &[&["1.1.1.1", "192.168.0.1"]]),
    ]);
    let outbound = Outbound::with_lookup(&[], lookup).expect("a client");
    for name in [
        "127.0.0.1.nip.example",
        "metadata.evil.example",
        "mapped.evil.example",
        "mixed.evil.example",
    ] {
        let target = outbound
            .tenant(&format!("https://{name}"))
            .expect("the name itself says nothing");
        assert_eq!(
            outbound.send(Request::get(&target, "/")).await.err(),
            Some(HttpError::Guarded),
            "{name}"
        );
    }
    let target = outbound.tenant("https://unknown.example").expect("a target");
    assert_eq!(
        outbound.send(Request::get(&target, "/")).await.err(),
        Some(HttpError::NotSent)
    );
}

/// S18: rebinding. The check that passed is the connection's own; the next connection is judged again.
#[tokio::test]
async fn s18_a_name_that_changes_its_mind_is_refused_when_it_does() {
    let resolver = GuardedResolver {
        lookup: written(&[("rebind.example", &[&["1.1.1.1"], &["127.0.0.1"]])]),
    };
    let ask = || reqwest::dns::Resolve::resolve(&resolver, "rebind.example".parse().expect("a name"));
    let first: Vec<SocketAddr> = ask().await.expect("public at first").collect();
    assert_eq!(first, ["1.1.1.1:0".parse().expect("an address")]);
    assert!(ask().await.is_err_and(|error| error.is::<NotPublic>()));
}

/// S19.
#[tokio::test]
async fn s19_redirects_are_answers_and_are_not_followed() {
    let inside = StandIn::start(vec![Reply::Json(200, "{}")]).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n",
        inside.base
    );
    let server = StandIn::start(vec![Reply::Raw(redirect)]).await;
    let outbound = outbound();
    let target = outbound.operator(&server.base).expect("a target");
    let answer = outbound
        .send(Request::get(&target, "start"))
        .await
        .expect("an answer");
    assert_eq!(answer.status, 302);
    assert!(inside.seen().is_empty());
}

#[tokio::test]
async fn only_the_listed_origin_is_allowed_inside() {
    let server = StandIn::start(vec![Reply::Json(200, "{}")]).await;
    let listed = Url::parse(&server.base).expect("a URL");
    let outbound = Outbound::new(&[listed]).expect("a client");
    let target = outbound.tenant(&format!("{}/api", server.base)).expect("listed");
    assert_eq!(
        outbound.send(Request::get(&target, "x")).await.map(|a| a.status),
        Ok(200)
    );
    assert!(server.seen()[0].head.starts_with("GET /api/x HTTP/1.1"));
    for other in [
        nobody().await,
        server.base.replace("http:", "https:"),
        server.base.replace("127.0.0.1", "127.0.0.2"),
    ] {
        assert_eq!(
            outbound.tenant(&other).err(),
            Some(UrlError::NotPublic),
            "{other}"
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    for head in ["content-length: 2000000", "connection: close"] {
        let long = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{}", "x".repeat(2_000_000));
        let server = StandIn::start(vec![Reply::Raw(long)]).await;
        let outbound = outbound();
        let target = outbound.operator(&server.base).expect("a target");
        assert_eq!(
            outbound.send(Request::get(&target, "/")).await.err(),
            Some(HttpError::TooLarge),
            "{head}"
        );
    }
}

#[tokio::test]
async fn what_went_wrong_says_whether_anything_was_sent() {
    let outbound = outbound();
    let target = outbound.operator(&nobody().await).expect("a target");
    assert_eq!(
        outbound.send(Request::get(&target, "/")).await.err(),
        Some(HttpError::NotSent)
    );

    let server = StandIn::start(vec![Reply::Hang]).await;
    let target = outbound.operator(&server.base).expect("a target");
    let request = Request::get(&target, "/").timeout(Duration::from_millis(150));
    assert_eq!(outbound.send(request).await.err(), Some(HttpError::Timeout));

    for broken in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        "SSH-2.0-OpenSSH_9\r\n",
    ] {
        let server = StandIn::start(vec![Reply::Raw(broken.to_owned())]).await;
        let target = outbound.operator(&server.base).expect("a target");
        assert_eq!(
            outbound.send(Request::get(&target, "/")).await.err(),
            Some(HttpError::Broken),
            "{broken}"
        );
    }
}

#[tokio::test]
async fn a_key_with_a_line_break_never_becomes_a_header() {
    let server = StandIn::start(vec![Reply::Json(200, "{}")]).await;
    let outbound = outbound();
    let target = outbound.operator(&server.base).expect("a target");
    let request = Request::get(&target, "/").bearer(&Secret::from("key\r\nX-Injected: 1"));
    assert!(!format!("{request:?}").contains("key"));
    assert_eq!(outbound.send(request).await.err(), Some(HttpError::NotSent));
    assert!(server.seen().is_empty());
}
