// SPDX-License-Identifier: Apache-2.0
//! Tongsuo as an HTTPS server or client over TLCP or TLS 1.3 with the SM2 suites.
//! usage: tongsuo-peer --listen PORT | --connect HOST:PORT  [--protocol tlcp|tls1.3] [--suite NAME] [--mutual]
//!        --ca FILE [--sign-cert FILE --sign-key FILE [--enc-cert FILE --enc-key FILE]]
//! Prints `ready 127.0.0.1:PORT` once it listens, and one line of JSON for each connection.
mod options;
mod seen;
mod setup;

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use options::Options;
use seen::quote;
use tongsuo::ssl::{Ssl, SslContext, SslRef, SslStream};

const WAIT: Duration = Duration::from_secs(10);
const HEAD_MAX: u64 = 65536;

fn report(role: &str, ssl: Option<&SslRef>, outcome: Result<u16, String>) {
    let subject = ssl.and_then(seen::subject).map_or("null".to_string(), |s| quote(&s));
    let cipher = ssl.and_then(|s| s.current_cipher()).map_or("", |c| c.name());
    let (status, error) = match &outcome {
        Ok(status) => (status.to_string(), "null".to_string()),
        Err(text) => ("null".to_string(), quote(text)),
    };
    let line = format!(
        "{{\"role\": {}, \"implementation\": {}, \"protocol\": {}, \"suite\": {}, \"peer_subject\": {subject}, \
         \"peer_certificates\": {}, \"status\": {status}, \"error\": {error}}}\n",
        quote(role), quote(&seen::implementation()), quote(ssl.map_or("", seen::protocol)),
        quote(setup::suite_of(cipher)), ssl.map_or(0, seen::certificates));
    let _ = io::stdout().write_all(line.as_bytes()); // a reader that has gone is nobody's loss
}

/// Lets the peer read what was sent last: a close with unread bytes would reset the connection.
fn linger(mut tcp: &TcpStream) {
    let _ = tcp.shutdown(Shutdown::Write);
    let _ = tcp.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = io::copy(&mut Read::take(&mut tcp, 1 << 20), &mut io::sink());
}

/// Reads lines up to the empty one; the first of them is the answer.
fn read_head<S: Read>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut first = String::new();
    let mut limited = stream.take(HEAD_MAX);
    limited.read_line(&mut first)?;
    let mut line = first.clone();
    while !matches!(line.as_str(), "\r\n" | "\n" | "") {
        line.clear();
        limited.read_line(&mut line)?;
    }
    Ok(first)
}

fn respond(stream: &mut SslStream<TcpStream>) -> Result<u16, Box<dyn Error>> {
    let first = read_head(&mut BufReader::new(&mut *stream))?;
    if first.is_empty() {
        return Err("closed without a request".into());
    }
    let body = seen::body(stream.ssl());
    let verify = if stream.ssl().peer_certificate().is_some() { "SUCCESS" } else { "NONE" };
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: tongsuo-peer\r\nContent-Type: application/json\r\nX-Client-Verify: {verify}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes())?;
    let _ = stream.shutdown();
    Ok(200)
}

fn serve_one(context: &SslContext, tcp: TcpStream) -> Result<(), Box<dyn Error>> {
    tcp.set_read_timeout(Some(WAIT))?;
    tcp.set_write_timeout(Some(WAIT))?;
    let kept = tcp.try_clone()?;
    let mut stream = SslStream::new(Ssl::new(context)?, tcp)?;
    let outcome = match stream.accept() {
        Ok(()) => respond(&mut stream).map_err(|e| e.to_string()),
        Err(e) => Err(format!("handshake: {e}")),
    };
    report("server", Some(stream.ssl()), outcome);
    linger(&kept);
    Ok(())
}

fn serve(o: &Options, port: &str) -> Result<(), Box<dyn Error>> {
    let context = setup::context(o, true)?;
    let listener = TcpListener::bind(("127.0.0.1", port.parse::<u16>()?))?;
    println!("ready {}", listener.local_addr()?);
    for tcp in listener.incoming() {
        let (tcp, context) = (tcp?, context.clone());
        thread::spawn(move || serve_one(&context, tcp).map_err(|e| eprintln!("{e}")));
    }
    Ok(())
}

fn request(stream: &mut SslStream<TcpStream>) -> Result<u16, Box<dyn Error>> {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let first = read_head(&mut BufReader::new(&mut *stream))?;
    let status = first.split(' ').nth(1).ok_or("closed without an answer")?;
    Ok(status.parse::<u16>()?)
}

fn connect(o: &Options, target: &str) -> Result<bool, Box<dyn Error>> {
    let context = setup::context(o, false)?;
    let tcp = TcpStream::connect(target)?;
    tcp.set_read_timeout(Some(WAIT))?;
    tcp.set_write_timeout(Some(WAIT))?;
    let mut ssl = Ssl::new(&context)?;
    ssl.set_hostname("localhost")?;
    ssl.param_mut().set_host("localhost")?;
    let mut stream = SslStream::new(ssl, tcp)?;
    let outcome = match stream.connect() {
        Ok(()) => request(&mut stream).map_err(|e| e.to_string()),
        Err(e) => Err(format!("handshake: {e}")),
    };
    let served = outcome.is_ok();
    let _ = stream.shutdown();
    report("client", Some(stream.ssl()), outcome);
    Ok(served)
}

fn run() -> Result<bool, Box<dyn Error>> {
    let o = Options::parse(std::env::args().skip(1))?;
    match (o.get("listen"), o.get("connect")) {
        (Some(port), None) => serve(&o, port).map(|_| true),
        (None, Some(target)) => connect(&o, target),
        _ => Err("one of --listen and --connect is needed".into()),
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("tongsuo-peer: {e}");
            ExitCode::from(2)
        }
    }
}
