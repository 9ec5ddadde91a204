// SPDX-License-Identifier: Apache-2.0
#ifndef MT_TESTS_VECTORS_SM2_KNOWN_ANSWERS_H
#define MT_TESTS_VECTORS_SM2_KNOWN_ANSWERS_H
/* SM2 key exchanges of 48 bytes with known ephemeral keys, the server as initiator, the id 1234567812345678 on both sides:
 * measured, two other implementations (Tongsuo, GmSSL) computed each of them in both roles. */
static const struct {
    const char *server_key, *server_public, *server_ephemeral, *server_share;
    const char *client_key, *client_public, *client_ephemeral, *client_share;
    const char *z_server, *z_client, *secret;
} sm2_exchanges[] = {
    {
        "46febfcf0ae44cd34ce54c00cdd7f11e3d0831f389932e64fec40fa0263ffb32",
        "043983edef850376ec1822a11a522affc2047548cc9bdb5e7bdc5572346d8eb05f181fbfa630153decb744a7e56803d4e986"
        "206c87478e00c8d406daccf76623f0",
        "f1996564ae87438a408f8ae336633f6e13a3294733899a37cd8e5382dda1530f",
        "0439af2efaf991f24c75e22aebfa10646478755461ccf0368d5510eb909b890f8d7008c483a31204e9f6b44a61abd53e95c6"
        "1ffaaa4f5aab3edcac98ffe0cb949d",
        "8cd462a609dfbe8c11474b10fb4da4d561e63e0aecb3d2cb4f71c2dc58dea252",
        "04326df604e6cafd98e5391bc59710c9edb3bddfe57db7a5382dcafab3f77712cdf6457eb793b5d8915d00894f6de8939909"
        "054b690acda0e74f6bd9f3e1cb86ec",
        "dbcf8dc3c97e85a3066e24e3f60f4899e26893d72c9606f0d5dc3bbce9707786",
        "044b558405f76c9551afdbfca84af693d87413ac46ed440b94e32197859823e18fdc847c6f50e26f9785d73cf5d98120690f"
        "bb3a30050c52cf37180fb9d9462eea",
        "91674645e820dfaa24aabd5f4bfd01c529e22c2c92428613051d99eaf2955485",
        "274c562cbc5eba4bfbacbee0d9e3043605da00ffceb0190a129a0c22dcf3a65e",
        "ae6780484e47994fb517b44e8c157641c18b97849c86f48574d3cebc05777c372466563f88368f23f4a9e84bcc6ec495",
    },
    {
        "46febfcf0ae44cd34ce54c00cdd7f11e3d0831f389932e64fec40fa0263ffb32",
        "043983edef850376ec1822a11a522affc2047548cc9bdb5e7bdc5572346d8eb05f181fbfa630153decb744a7e56803d4e986"
        "206c87478e00c8d406daccf76623f0",
        "4133f366ac307255d306e5f0a53a3abe404a4436cd39127ff02ea61fe27eb4df",
        "0443fe0a681ddbcc54dd3899ec62df8ce64082664c84f3c1c0052fdf4f7b6c758d22d6d3a172f08e7704983efac185efcb98"
        "219836a81e8e47da59e7706712d59e",
        "8cd462a609dfbe8c11474b10fb4da4d561e63e0aecb3d2cb4f71c2dc58dea252",
        "04326df604e6cafd98e5391bc59710c9edb3bddfe57db7a5382dcafab3f77712cdf6457eb793b5d8915d00894f6de8939909"
        "054b690acda0e74f6bd9f3e1cb86ec",
        "ae86e8d6de5268fbf70e8a11794d37549965213d7f4170b9a3676dbec02a652f",
        "04df73602e2e42b62261c47de3c2d51ed95fe236beb8330a85d03a03ddcac04c64ef17deceb595046c2bc9850b2f89288ca8"
        "1f16f91f408da9824c10064f68bcd4",
        "91674645e820dfaa24aabd5f4bfd01c529e22c2c92428613051d99eaf2955485",
        "274c562cbc5eba4bfbacbee0d9e3043605da00ffceb0190a129a0c22dcf3a65e",
        "51c44cbe9c65ee050f0ac31cd9bb63f5ade586b7fa212b41b74fda1ef81cbcf52495f05ad11f35127ac40cbbb91cff77",
    },
};
#endif
