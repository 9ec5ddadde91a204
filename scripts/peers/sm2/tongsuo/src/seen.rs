// SPDX-License-Identifier: Apache-2.0
//! What one side saw, as the JSON body of an answer and as the line that a peer prints for each connection.
use tongsuo::hash::MessageDigest;
use tongsuo::nid::Nid;
use tongsuo::ssl::SslRef;
use tongsuo::x509::{X509NameRef, X509Ref, X509VerifyResult};

pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn name_text(name: &X509NameRef) -> String {
    let parts: Vec<String> = name
        .entries()
        .map(|e| {
            let key = e.object().nid().short_name().unwrap_or(Nid::UNDEF.short_name().unwrap_or("?"));
            let value = e.data().as_utf8().map(|v| v.to_string()).unwrap_or_default();
            format!("{key}={value}")
        })
        .collect();
    parts.join(",")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn certificate_json(x: &X509Ref) -> String {
    let serial = x.serial_number().to_bn().map(|n| hex(&n.to_vec())).unwrap_or_default();
    let digest = x.digest(MessageDigest::sha256()).map(|d| hex(&d)).unwrap_or_default();
    format!(
        "{{\"subject\": {}, \"issuer\": {}, \"serial\": {}, \"fingerprint_sha256\": {}}}",
        quote(&name_text(x.subject_name())), quote(&name_text(x.issuer_name())), quote(&serial), quote(&digest))
}

/// The version of the vendored sources; the library itself answers with that of the OpenSSL which it comes from.
pub fn implementation() -> String {
    let mut lines = include_str!("../Cargo.lock").lines().skip_while(|l| *l != "name = \"tongsuo-src\"");
    let version = lines.nth(1).and_then(|l| l.split(['+', '"']).nth(2)).unwrap_or("of an unknown version");
    format!("Tongsuo {version}")
}

/// The name of the protocol; this library calls TLCP by another one.
pub fn protocol(ssl: &SslRef) -> &str {
    if ssl.version_str().starts_with("NTLS") { "TLCP" } else { ssl.version_str() }
}

/// The subject of the peer's signing certificate, if it showed one.
pub fn subject(ssl: &SslRef) -> Option<String> {
    ssl.peer_certificate().map(|x| name_text(x.subject_name()))
}

/// How many certificates the peer sent. libssl keeps the leaf out of a server's chain.
pub fn certificates(ssl: &SslRef) -> usize {
    let chain = ssl.peer_cert_chain().map_or(0, |c| c.len());
    chain + usize::from(ssl.is_server() && ssl.peer_certificate().is_some())
}

pub fn body(ssl: &SslRef) -> String {
    let certificate = ssl.peer_certificate();
    let verified = certificate.is_some() && ssl.verify_result() == X509VerifyResult::OK;
    let sni = ssl.servername(tongsuo::ssl::NameType::HOST_NAME).map_or("null".to_string(), quote);
    format!(
        "{{\"verified\": {verified}, \"certificate\": {}, \"protocol\": {}, \"cipher\": {}, \"verify_error\": {}, \"sni\": {sni}}}\n",
        certificate.map_or("null".to_string(), |x| certificate_json(&x)), quote(protocol(ssl)),
        quote(ssl.current_cipher().map_or("", |c| c.name())), ssl.verify_result().as_raw())
}
