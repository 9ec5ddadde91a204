// SPDX-License-Identifier: Apache-2.0
//! A context of libssl from the options: TLCP with a pair of certificates, or TLS 1.3 with the signing one.
use std::error::Error;
use std::fs;

use crate::options::Options;
use tongsuo::ssl::{SslContext, SslContextBuilder, SslFiletype, SslMethod, SslMode, SslVerifyMode, SslVersion};
use tongsuo::x509::X509;

const TLCP_SUITES: [(&str, &str); 4] = [
    ("ECC_SM4_CBC_SM3", "ECC-SM2-SM4-CBC-SM3"),
    ("ECC_SM4_GCM_SM3", "ECC-SM2-SM4-GCM-SM3"),
    ("ECDHE_SM4_CBC_SM3", "ECDHE-SM2-SM4-CBC-SM3"),
    ("ECDHE_SM4_GCM_SM3", "ECDHE-SM2-SM4-GCM-SM3"),
];

fn tlcp_cipher(suite: Option<&str>) -> Result<String, String> {
    let Some(suite) = suite else {
        return Ok(TLCP_SUITES.map(|row| row.1).join(":"));
    };
    let row = TLCP_SUITES.iter().find(|row| row.0 == suite).ok_or(format!("no suite {suite} in TLCP"))?;
    Ok(row.1.to_string())
}

/// The name by which the standards call the suite that libssl calls `cipher`.
pub fn suite_of(cipher: &str) -> &str {
    TLCP_SUITES.iter().find(|row| row.1 == cipher).map_or(cipher, |row| row.0)
}

fn add_chain(context: &mut SslContextBuilder, path: &str) -> Result<X509, Box<dyn Error>> {
    let mut chain = X509::stack_from_pem(&fs::read(path)?)?.into_iter();
    let leaf = chain.next().ok_or(format!("{path}: no certificate"))?;
    for issuer in chain {
        context.add_extra_chain_cert(issuer)?;
    }
    Ok(leaf)
}

fn set_pair(context: &mut SslContextBuilder, o: &Options, path: &str) -> Result<(), Box<dyn Error>> {
    let leaf = add_chain(context, path)?;
    context.set_sign_certificate(&leaf)?;
    context.set_sign_private_key_file(o.need("sign-key")?, SslFiletype::PEM)?;
    context.set_enc_certificate_file(o.need("enc-cert")?, SslFiletype::PEM)?;
    context.set_enc_private_key_file(o.need("enc-key")?, SslFiletype::PEM)?;
    Ok(())
}

fn set_single(context: &mut SslContextBuilder, o: &Options, path: &str) -> Result<(), Box<dyn Error>> {
    let leaf = add_chain(context, path)?;
    context.set_certificate(&leaf)?;
    context.set_private_key_file(o.need("sign-key")?, SslFiletype::PEM)?;
    Ok(())
}

fn set_protocol(context: &mut SslContextBuilder, o: &Options) -> Result<(), Box<dyn Error>> {
    if o.is_tlcp() {
        context.enable_ntls();
        context.set_cipher_list(&tlcp_cipher(o.get("suite"))?)?;
        return Ok(());
    }
    context.set_min_proto_version(Some(SslVersion::TLS1_3))?;
    context.set_max_proto_version(Some(SslVersion::TLS1_3))?;
    context.set_ciphersuites(o.get("suite").unwrap_or("TLS_SM4_GCM_SM3:TLS_SM4_CCM_SM3"))?;
    context.set_groups_list("SM2")?;
    context.set_sigalgs_list("sm2sig_sm3")?;
    Ok(())
}

fn method(o: &Options, server: bool) -> SslMethod {
    match (o.is_tlcp(), server) {
        (true, true) => SslMethod::ntls_server(),
        (true, false) => SslMethod::ntls_client(),
        (false, _) => SslMethod::tls(),
    }
}

fn verify_mode(server: bool, mutual: bool) -> SslVerifyMode {
    match (server, mutual) {
        (true, true) => SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
        (true, false) => SslVerifyMode::NONE,
        (false, _) => SslVerifyMode::PEER,
    }
}

pub fn context(o: &Options, server: bool) -> Result<SslContext, Box<dyn Error>> {
    let mut context = SslContext::builder(method(o, server))?;
    context.set_mode(SslMode::NO_AUTO_CHAIN); // what is sent is what the file holds, without the root
    set_protocol(&mut context, o)?;
    if let Some(path) = o.get("sign-cert") {
        (if o.is_tlcp() { set_pair } else { set_single })(&mut context, o, path)?;
    }
    let ca = o.need("ca")?;
    context.set_ca_file(ca)?;
    context.set_verify(verify_mode(server, o.mutual));
    if server && o.mutual {
        for anchor in X509::stack_from_pem(&fs::read(ca)?)? {
            context.add_client_ca(&anchor)?;
        }
        context.set_session_id_context(b"sm2-peer")?;
    }
    Ok(context.build())
}
