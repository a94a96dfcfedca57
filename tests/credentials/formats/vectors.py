"""Hashes made by the systems and libraries that their formats come from, each with its maker's name."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Kà密码 7!"


@dataclass(frozen=True)
class Vector:
    """A hash, who made it, of what password, how it is named, and whether its text alone tells its format."""

    maker: str
    text: str
    format: str | None = None
    recognised: str | None = None
    password: str = PASSWORD
    salt: str | None = None
    user: str | None = None
    pepper: str | None = None


SIGNER = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
OTHER_SIGNER = "ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw=="

DIGESTS = (
    Vector("PHP 8.2 md5()", "cd7bf31b3ab746ed24ed9d7afe3cb0cd", "md5"),
    Vector("PHP 8.2 md5(), upper case", "CD7BF31B3AB746ED24ED9D7AFE3CB0CD", "md5"),
    Vector("PHP 8.2 sha1()", "0b8ad30e220e77b24e5789326df291fe8a4db505", "sha1"),
    Vector("openssl dgst -sm3", "97504fa365f582e923d745e05bf20c9156df73b1271f6538b6fe4b2473626e4b", "sm3"),
    Vector(
        "openssl dgst -sm3 of salt and password",
        "7cdda6113807b060ffed8438bae367b4eb1830e0ba04df143f3a8f6338fc6bd6",
        "sm3(salt + password)",
        salt="salt",
    ),
    Vector(
        "openssl dgst -sm3 -hmac",
        "110204b3fcc97689f5b5fc9eb93f6d942a2d7b15514bc2338553a97d5d95e962",
        "hmac_sm3(salt, password)",
        salt="key",
    ),
    Vector(
        "PHP 8.2 hash('sha256', 'pepper' . password)",
        "ce966559fc5c37d286cc8c8238b8b86e5e87b25cce1455e61e1a7955a638f110",
        "sha256('pepper' + password)",
    ),
    Vector(
        "PHP 8.2 hash_hmac('sha512')",
        "67fc164762784be50bb0f650e9b279c95b7ca89cbcb5271c53db86052c64c819"
        "cc6767c3ccdf2b9b6f4768d792dd2a0593211d897b70fcf204be09926c00b3ef",
        "hmac_sha512(pepper, password)",
        pepper="key",
    ),
    Vector(
        "PHP 8.2 base64_encode(hash('sha512', password . salt, true))",
        "arjam1SZL1NtNi75fUtWak0dhcPcPGJggy8pyLh+xSK+ig82rd1UIrW+nkGv/VYGEZugFkX997WKSAa/8I0MRg==",
        "base64(sha512(password + salt))",
        salt="salt",
    ),
    Vector(
        "PHP 8.2 md5(md5(password) . salt)",
        "2289257d5219b77af9fcf198914b80bc",
        "md5(hex(md5(password)) + salt)",
        salt="salt",
    ),
    Vector(
        "PHP 8.2 sha512 iterated 100 times",
        "2259473da12dac3d81b2a2f790d571d6f6e485280b3896b9edf821ffc0b32e86"
        "ec34ee0d5f180b0f7ea664883ac756f8596ece1a108ba89155e9373ac6e793c0",
        "repeat(99, sha512(salt + password), sha512(last + password))",
        salt="salt",
    ),
    Vector("htpasswd 2.4 -s", "{SHA}C4rTDiIOd7JOV4kybfKR/opNtQU=", "ldap", "ldap"),
    Vector("passlib 1.7 ldap_md5", "{MD5}zXvzGzq3Ru0k7Z16/jywzQ==", "ldap", "ldap"),
    Vector("passlib 1.7 ldap_salted_md5", "{SMD5}hAmVpAzvwEKIuMbpWSRq1qiVUko=", "ldap", "ldap"),
    Vector("passlib 1.7 ldap_salted_sha1", "{SSHA}eveXTkHamCr3gBz4oYgEDGAIGQqt1XpP", "ldap", "ldap"),
    Vector(
        "passlib 1.7 ldap_salted_sha256",
        "{SSHA256}LW+7jM8F8rzNrQ2aSYU4Q74S/jvtnxwXW715ZqYwwvGplfK+t/Zeqw==",
        "ldap",
        "ldap",
    ),
    Vector(
        "passlib 1.7 ldap_salted_sha512",
        "{SSHA512}vcW1sfPK/GojIIaGtLwFsMgSyeG5ZvDrIfPIgGGUYsO7RpB9CSDQP1BOtnE7DgbZ+t72hmdPbKNhLtzbgBUF8pcS4hyDMCak",
        "ldap",
        "ldap",
    ),
)

CRYPTS = (
    Vector("htpasswd 2.4 -m", "$apr1$HYmUQiph$w7EaUu4fGHsg5H/nkHcHR1", "md5_crypt", "md5_crypt"),
    Vector("openssl passwd -1", "$1$saltsalt$vsoqcPr3w0wteRU0zuxed1", "md5_crypt", "md5_crypt"),
    Vector("openssl passwd -5", "$5$saltsalt$j75dAL.TLSCmnVnepcNBf3ZxhYeJ6Irz9hJ9d338cR8", "crypt", "crypt"),
    Vector(
        "PHP 8.2 crypt()", "$5$rounds=1000$saltstring$/hR4c6XN6oa7cCZVN.F1IXLf3u/R7yTpCYd8lsU4nP9", "crypt", "crypt"
    ),
    Vector(
        "openssl passwd -6",
        "$6$saltsalt$smrQRGtJOPOoXIvL0d48rCU.M11cI8fBtVFWUzpd24GYUr0F3ERg/TltG1I4aVSWoupTvvQW33FS8XsH3/n1S/",
        "crypt",
        "crypt",
    ),
    Vector(
        "mkpasswd 5.5 -m sha512crypt, as OpenLDAP keeps it",
        "{CRYPT}$6$rounds=1000$NSsGqNP/JNSNr.7p$d10QdG7nA3.mU5GC2Jcm4Icn.oGhqZsNq4WHTjewAd1AHNgNs./Lymk9lD"
        "/TKDCOOeb.TMq7TtslU2u6i0YCH0",
        "openldap",
        "openldap",
    ),
    Vector(
        "mkpasswd 5.5 -m yescrypt",
        "$y$j9T$rfxi.gcDAD0/MYPpYiheV0$J5XwVVKBJknZ.Sig9/f1eh4SDH5TfUjOCHO2GN4G180",
        "crypt",
        "crypt",
    ),
    Vector(
        "mkpasswd 5.5 -m yescrypt -R 1",
        "$y$j75$8ZGaoQy5FV3zXDkZCuko.1$g9Sb8S.Lk1dHrKdglS8zHaPsZGymKsmOkm2XtYrU2b2",
        "crypt",
        "crypt",
    ),
    Vector(
        "PHP 8.2 password_hash()", "$2y$04$ZHXluy.Yz4PbJje3HpQBOORVl8LGIs2fPeUKT.kR5pNKPfciqxrLS", "bcrypt", "bcrypt"
    ),
    Vector("htpasswd 2.4 -B", "$2y$04$GHX1QJHCGpRbu2yKk6/M6uxZ9s.bVacD3QSnQ70kGGGSfoBipYp8O", "bcrypt", "bcrypt"),
    Vector(
        "passlib 1.7 bcrypt, ident 2a",
        "$2a$04$at1VOQ2aMgNre2fH1ebEde22.yTX6OmimbammrVYaNZjqmp5LabRm",
        "bcrypt",
        "bcrypt",
    ),
    Vector(
        "passlib 1.7 with bcrypt 4.0, 76 bytes",
        "$2b$04$aKOeIhXK.J3g5gd6UihjcuLeseBFxy5.gL.jf2phhEuI0RZcSblwC",
        "bcrypt",
        "bcrypt",
        password="密码" * 12 + "tail",
    ),
    Vector(
        "passlib 1.7 bcrypt_sha256, version 2",
        "$bcrypt-sha256$v=2,t=2b,r=4$Hv1mHdpwulDUeQHcRHXPU.$fhf1rThDxy022hd1WQvsFGmiEDXlT16",
        "bcrypt_sha256",
        "bcrypt_sha256",
    ),
    Vector(
        "passlib 1.7 bcrypt_sha256, version 1",
        "$bcrypt-sha256$2b,4$41P5DxchOMulzBPVwu0CI.$poLw6Z5LqeNqMOefIj37fdZbvA314uO",
        "bcrypt_sha256",
        "bcrypt_sha256",
    ),
    Vector(
        "PHP 8.2, the steps of WordPress 6.8",
        "$wp$2y$04$WAM/DBYLAzPvqMsY8y5G6.sBIV.By4WnNrQM6Ikhd.9DiGVYdnopi",
        "bcrypt",
        "bcrypt",
    ),
    Vector(
        "devise 4.8 Devise::Encryptor with pepper",
        "$2a$04$HKNoiYJXLAjVZewhPIFqKOTkOikiHglWSWXb/fpQSBZ/FYmrPiYQu",
        "devise",
        "bcrypt",
        pepper="pepper-of-the-shop",
    ),
    Vector(
        "devise 4.8 Devise::Encryptor without pepper",
        "$2a$04$w/K/ktZFbLrciW6xt0frKOZTBICXsVWSqzKrL/brhZLixHo2uFDAe",
        "devise",
        "bcrypt",
    ),
    Vector("passlib 1.7 phpass", "$P$6eLZ7cV2cxm6K87NvQDj.5ieNwKsHT.", "phpass", "phpass"),
    Vector("passlib 1.7 phpass, ident H", "$H$6dXpXsLcwDhYRMPNHcqWTZSulc0Ir61", "phpass", "phpass"),
    Vector(
        "hashcat's published example 400", "$P$984478476IagS59wHZvyQMArzfx58u.", "phpass", "phpass", password="hashcat"
    ),
    Vector("npm drupal-hash", "$S$D7ItLT6Y66WgDlGe2dt1z4N9ZWh8d7MyZJDPNTsHaijvp1nThSRc", "phpass", "phpass"),
    Vector(
        "hashcat's published example 7900",
        "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf",
        "phpass",
        "phpass",
        password="hashcat",
    ),
)

FRAMEWORKS = (
    Vector(
        "Django 5.2 PBKDF2PasswordHasher",
        "pbkdf2_sha256$1000$NaClNaClNaCl$jqZvtX/xkqTJizAqhDi9ubJmzfAVp7BdWxGbUEfRsUo=",
        "django",
        "django",
    ),
    Vector(
        "Django 5.2 PBKDF2SHA1PasswordHasher",
        "pbkdf2_sha1$1000$NaClNaClNaCl$eCpmVBRh+/9N6KvUVkMVwtIxY5s=",
        "django",
        "django",
    ),
    Vector(
        "Django 5.2 Argon2PasswordHasher",
        "argon2$argon2id$v=19$m=1024,t=2,p=1$TmFDbE5hQ2xOYUNs$N+cdEnhIR2TQdiMqo6IecR/nHrjYzqRV43wwuN9mxEY",
        "argon2",
        "argon2",
    ),
    Vector(
        "Django 5.2 BCryptSHA256PasswordHasher",
        "bcrypt_sha256$$2b$04$LGk1mcANZrwtcqbyY2su4uubNQ1iSjtd9lFRv4KC8GH2pdIfbdcie",
        "bcrypt",
        "bcrypt",
    ),
    Vector(
        "Django 5.2 BCryptPasswordHasher",
        "bcrypt$$2b$04$0p4zvhloYEOK1Ab96rLCO.V7Aiuh0nltOg.MLDK.V.EH6g1H0PbTu",
        "bcrypt",
        "bcrypt",
    ),
    Vector(
        "Django 5.2 ScryptPasswordHasher",
        "scrypt$1024$NaClNaClNaCl$8$1$TaXgvhYHKZZSXzQl76nd0hUDlNJ4/nq8bPZrnHqymN/v6GlkW7E+e1SgoIfaJ2X5gz1lHHlYXZnpg3zPo9IwBA==",
        "django",
        "django",
    ),
    Vector("Django 5.2 MD5PasswordHasher", "md5$NaClNaClNaCl$67ae9e864a06e350cfd7a9986b613ad2", "django", "django"),
    Vector(
        "passlib 1.7 django_salted_sha1",
        "sha1$tMiOOIs7oHCQ$8583a1e63cced1961b7024207f319a9b2f20f127",
        "django",
        "django",
    ),
    Vector("PHP 8.2 md5(), as Django writes it unsalted", "md5$$cd7bf31b3ab746ed24ed9d7afe3cb0cd", "django", "django"),
    Vector(
        "Werkzeug 3.1 scrypt",
        "scrypt:1024:8:1$iehuT68xaG8biIc7$eb363d97c5b6c899c76b1daa9f3e7c9632fd274bb822cae2589c9f9117f69cd8"
        "1dfff88229f34413ed0b2f20d49310733428356a0e750bb848e389efdd07c7a1",
        "werkzeug",
        "werkzeug",
    ),
    Vector(
        "Werkzeug 3.1 pbkdf2:sha256",
        "pbkdf2:sha256:1000$QoRDisMFSR4qmNl7$8f54b409699f4753c1baaf22beedb30ac3a0ebf8c215c972fa7f4b4a7efb8d3d",
        "werkzeug",
        "werkzeug",
    ),
    Vector(
        "Werkzeug 3.1 pbkdf2:sha512",
        "pbkdf2:sha512:1000$JDXF69R80vnI7Jzw$bca2f3e1f6513532cb8c3ba7aca2b3ba6842224dcf5fb76a0a9e248ab0b3cce"
        "32756523539a509ba5d6091a5decf979631061668d0b5015eb0fc947d0863995a",
        "werkzeug",
        "werkzeug",
    ),
    Vector(
        "Werkzeug 2.2 sha256",
        "sha256$lHRnb2WmfvQfLfFj$3680717375d8b5e64ad3b6d3d254ce4c807ce26a128b8c6ba22da181e87898b9",
        "werkzeug",
        "werkzeug",
    ),
    Vector("Werkzeug 2.2 sha1", "sha1$AyXYsqAU$9c7cd5b06a3e4f2deefad0ac2406343b7fff219e", "werkzeug"),
    Vector(
        "passlib 1.7 pbkdf2_sha1",
        "$pbkdf2$1000$bs3Ze29N6f1fS0nJuZdyTg$0tMn2fOvDzUKLvqYCXBQF2e9noc",
        "passlib",
        "passlib",
    ),
    Vector(
        "passlib 1.7 pbkdf2_sha256",
        "$pbkdf2-sha256$1000$wZjTeg.BUEppjVHKOSek1A$pTEFkwqle3eqLZCRVCMKWGrRpAtVzIqZ0dNu.C8X.QQ",
        "passlib",
        "passlib",
    ),
    Vector(
        "passlib 1.7 pbkdf2_sha512",
        "$pbkdf2-sha512$1000$B6B0rtWa0xojpPSek5LSeg$gzAuDVEOrED7dJIh.0q4BB4Oq1Y7AUHrPY6yWpaQJCzquUeZh7G3vX6"
        "BN/ILe.9MsiNv2W/WHYTNSbfGVUpF4A",
        "passlib",
        "passlib",
    ),
    Vector(
        "passlib 1.7 scrypt",
        "$scrypt$ln=10,r=8,p=1$o7SWkvK+N+acM8Z4j7G2Ng$/bdUFYiE3Viv5FA8ozW3kXLDVnclSa7K13jOq2g3QE0",
        "passlib",
        "passlib",
    ),
    Vector(
        "PHP 8.2 hash_pbkdf2('sha256')",
        "a5d80dc20d111a9ddbdf94d030560304a50f48379089e4d125f5b3c63839554d",
        "pbkdf2_sha256(password, salt, 1000)",
        salt="salt",
    ),
    Vector(
        "RFC 7914 section 12, scrypt",
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830da"
        "c727afb94a83ee6d8360cbdfa2cc0640",
        "scrypt(password, salt, 1024, 8, 16)",
        password="password",
        salt="NaCl",
    ),
    Vector(
        "ASP.NET Core Identity's own tests, version 2",
        "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==",
        "aspnet",
        "aspnet",
        password="my password",
    ),
    Vector(
        "ASP.NET Core Identity's own tests, version 3",
        "AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
        "aspnet",
        "aspnet",
        password="my password",
    ),
    Vector(
        "GoTrue's published test of Firebase's scrypt",
        f"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={OTHER_SIGNER}$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/"
        "w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==",
        "firebase",
        "firebase",
        password="mytestpassword",
    ),
    Vector(
        "firebase/scrypt's published example, the key given apart",
        "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3"
        "aoItz+VHjoZilo78198JAdRuid5lQ==",
        "firebase",
        "firebase",
        password="user1password",
        pepper=SIGNER,
    ),
    Vector(
        "npm firebase-scrypt, the export's own fields",
        "94fCT27XBKvbjlN1s3DiGPHtROCNSmtvQBMKcF2uxKonOkdPKoAkQQHPPkXi7tUiKhYENccVCUPD/dWmzr2xSQ==",
        "firebase_scrypt(password, unbase64(salt), unbase64('Bw=='), 10, 8)",
        salt="42xEC+ixf3L2lw==",
        pepper=SIGNER,
    ),
)

ARGON2 = (
    Vector(
        "PHP 8.2 PASSWORD_ARGON2ID",
        "$argon2id$v=19$m=1024,t=2,p=1$NEFraVVNN0lmTFJyU1hCOA$kVbkdGiC5mgxs1tGRUP0WODKOUcGR9aR4SyQhtvF6PQ",
        "argon2",
        "argon2",
    ),
    Vector(
        "PHP 8.2 PASSWORD_ARGON2I",
        "$argon2i$v=19$m=1024,t=2,p=1$dU1oeDgydTFuYTZ5UTB3Zg$bVPVqJs8T60hcCJ2EF2HnYMr2aG2Bsw678NtfQZxGqo",
        "argon2",
        "argon2",
    ),
    Vector(
        "passlib 1.7 argon2, type D",
        "$argon2d$v=19$m=1024,t=2,p=1$f29tzZlTSglBSIkxJoSwdg$zA9/0MD8OZcsbBRbCdbeS7NzQEj9ll31wnggRpcq+q8",
        "argon2",
        "argon2",
    ),
)

SPRING = (
    Vector(
        "Spring Security 6.5 BCryptPasswordEncoder",
        "{bcrypt}$2a$04$mdl28TejF6WeBupPnjpZ2.nb6obnAoRr67j9lK6h4aU2N.p6Hrtdm",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 LdapShaPasswordEncoder",
        "{ldap}{SSHA}Lmmk58VSBI2d1nNPUS8opGWmh9MPoTBI1yC12w==",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 MessageDigestPasswordEncoder MD5",
        "{MD5}{SNwDpK+Iy3R2zVPDd78nggo7YfwfgZx7rLCUf8g8uY4=}572566db2325c1a00f24c655638f4365",
        "spring",
        "spring",
    ),
    Vector(
        "PHP 8.2 md5(), as Spring's MessageDigestPasswordEncoder takes it unsalted",
        "{MD5}cd7bf31b3ab746ed24ed9d7afe3cb0cd",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 MessageDigestPasswordEncoder SHA-1",
        "{SHA-1}{Rk5H/YubrE0z87FQoAtmXAjhriwAi9cPyPzrDp4yUMg=}3b7f60665b1c056add4a79371a6af6920ea9345f",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 MessageDigestPasswordEncoder SHA-256",
        "{SHA-256}{x6UAzNccukZKToXgEbx46Ekn12ZZgOKFsmJNm/WwQB4=}cba0edce7846feee93e200814448dbc34416d9c7f44be896a3fdf2c3"
        "15a792d9",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 StandardPasswordEncoder",
        "{sha256}206d5027f5b0edf45c05de08a1886eb7712efaddd4150c3826641ec75e0b645767665a998aa3f0b9",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 StandardPasswordEncoder with a secret",
        "{sha256}f9c610cc6fdb735f5609097438fac42f3cfbf3cc7dcd45ee70e8af7d93b79854905a367c0c8d65d0",
        "spring",
        "spring",
        pepper="pepper",
    ),
    Vector(
        "Spring Security 6.5 Pbkdf2PasswordEncoder, defaults of 5.5",
        "{pbkdf2}bc817b6d1bb38503f08d88d36b12156a78988f11c1790cf9a81a68613224a59297911cb54f36446f",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 Pbkdf2PasswordEncoder with a secret",
        "{pbkdf2}d6d383b4df1bc72cabdca329294882c5f7a5e1ecab3fa2a229525a49",
        "spring",
        "spring",
        pepper="pepper",
    ),
    Vector(
        "Spring Security 6.5 Pbkdf2PasswordEncoder, defaults of 5.8",
        "{pbkdf2@SpringSecurity_v5_8}8fe91689eb519ac607f817f5efa705d9a6089f407670ba4332b1ee040995ff6acc99d253d0e1b68712495ed3ea"
        "300d81",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 SCryptPasswordEncoder, defaults of 4.1",
        "{scrypt}$e0801$Q0JaxAPK9+4bhPO0msLCnVTFLIL1a+DSNkl+/AnmdNRFkgmWkno0WExRNaHjLsQNNTtGvMLFBqbKvtNMaKurhw==$VB/OBK"
        "KMhk/Rsdd+AU8QZejYdaqpdEkcX5Z1LmntibI=",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 SCryptPasswordEncoder, defaults of 5.8",
        "{scrypt@SpringSecurity_v5_8}$100801$2VzvUgsQ1MoJ0tkpNIfBDQ==$lPnAY3ekST32o0TEV5Mbdv3aO66bJwcKhrKmEKuBdTI=",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 Argon2PasswordEncoder, defaults of 5.2",
        "{argon2}$argon2id$v=19$m=4096,t=3,p=1$GsRkzXxqeaO7T6V1VOlR/A$aJPjIzVY63OLlOlmqkLuSe14+dOC2QjTc14eDj/bNr4",
        "spring",
        "spring",
    ),
    Vector(
        "Spring Security 6.5 Argon2PasswordEncoder, defaults of 5.8",
        "{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$MdZsGww/1IVgePSNowH6xg$lh5LS0oc4uEsdY/5F9cAQFWyF1I66DggdQ+9"
        "pfx5IRw",
        "spring",
        "spring",
    ),
)

ALL = DIGESTS + CRYPTS + FRAMEWORKS + ARGON2 + SPRING
