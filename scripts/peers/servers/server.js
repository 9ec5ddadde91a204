// SPDX-License-Identifier: Apache-2.0

// An HTTPS server as a Node programmer writes it.
// usage: server.js required|optional|unverified CA RSA-CERT RSA-KEY ECC-CERT ECC-KEY; prints "ready PORT" once it listens
'use strict';
const fs = require('fs');
const https = require('https');

const [mode, ca, rsaCert, rsaKey, eccCert, eccKey] = process.argv.slice(2);
const modes = {
  required: {rejectUnauthorized: true, refuse: () => false},
  optional: {rejectUnauthorized: false, refuse: (socket) => hasCertificate(socket) && !socket.authorized},
  unverified: {rejectUnauthorized: false, refuse: () => false},
};

function hasCertificate(socket) {
  return Object.keys(socket.getPeerCertificate()).length > 0;
}

function answer(request, response) {
  if (modes[mode].refuse(request.socket)) {
    response.writeHead(403, {'Content-Type': 'text/plain'});
    response.end('certificate not verified\n');
    return;
  }
  const subject = (request.socket.getPeerCertificate().subject || {}).CN || '';
  response.writeHead(200, {'Content-Type': 'text/plain'});
  response.end(`verified=${request.socket.authorized} subject=${subject}\n`);
}

const server = https.createServer({
  minVersion: 'TLSv1.2',
  cert: [fs.readFileSync(rsaCert), fs.readFileSync(eccCert)],
  key: [fs.readFileSync(rsaKey), fs.readFileSync(eccKey)],
  ca: fs.readFileSync(ca),
  requestCert: true,
  rejectUnauthorized: modes[mode].rejectUnauthorized,
}, answer);
server.listen(0, '127.0.0.1', () => console.log(`ready ${server.address().port}`));
