// SPDX-License-Identifier: Apache-2.0
//! The command line that every SM2 peer shares: `--name value` pairs and the flag `--mutual`.
use std::collections::HashMap;

pub struct Options {
    values: HashMap<String, String>,
    pub mutual: bool,
}

const NAMES: [&str; 9] = ["listen", "connect", "protocol", "suite", "sign-cert", "sign-key", "enc-cert", "enc-key", "ca"];

impl Options {
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options { values: HashMap::new(), mutual: false };
        let mut words = words;
        while let Some(word) = words.next() {
            let name = word.trim_start_matches("--").to_string();
            if name == "mutual" {
                options.mutual = true;
            } else if NAMES.contains(&name.as_str()) {
                let value = words.next().ok_or(format!("--{name} needs a value"))?;
                options.values.insert(name, value);
            } else {
                return Err(format!("unknown option {word}"));
            }
        }
        Ok(options)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn need(&self, name: &str) -> Result<&str, String> {
        self.get(name).ok_or(format!("--{name} is needed"))
    }

    pub fn is_tlcp(&self) -> bool {
        self.get("protocol") != Some("tls1.3")
    }
}
