import Cryptography

/// Keys and signatures of `text` made by another library (PyJWT 2.10.1 over cryptography 44.0.0), in base64url.
enum SignatureVectors {
    static let text = "signed by others"

    static let modulus = """
        y8eu2wrI1bS_SD__zggokzh6rZGdDZy1m-QTPpxxwNAPaX0_o1SxGgJCiiN38wEmP3_15pcaMWmDQrFTDKkktMbB\
        Fo3Cenb1Qp2ltC63QtAQKNFZudGpSrcx0L8shQPU35VUKSpzHrT4jfiXrfhoJu_bXZCXMLk1sPYqRnMKZHOTwP96\
        i9G27MQqNxNMfxiQc3l-hHBLmkPkK99vStgIRDdr-EhR_LsHQyvbhRgLs7F8Ms2r7EEvaErmCJ-POQE6yVWX6RxX\
        gdGO1osNgCwZAtCJ_yQGtPSxJmyRmJa0xDnx9QfEMuRcmTtV5jJ7w5ZRQwem-IrTVgjDLC2mV41iRw
        """
    static let exponent = "AQAB"
    static let p256X = "9ejJeSjlBS_nLiKBYWcI2PD0ta_SGnoVnQ28k3Qi0fE"
    static let p256Y = "b9qifPtfcIx8M9_optFtThb33djPhIZTaAFMxdjqj0Y"
    static let p384X = "CNdrB0-2zHGpEOpJbR2MusMrWP3tc-0mDxRYlUJLlTlIVZpwHb8Dp8Y_E9SG9C4g"
    static let p384Y = "s350sEif5welQDV72RVkDUFVMJolIVrNgQGQ7VcYiZ9_K01tx0eUeBfpwfZxrvlQ"
    static let p521X =
        "AfZ-8yeE_HkF1FLjHrachBhNVrg6Ue3HEU2Si_Jt5_pNeLdeaJm6GW0MJ5QbSWwvUm5aTNqFtKgywkiIrphyh_It"
    static let p521Y =
        "AHRRMtidXn_72LIN6lQMhkWalM8syJlPa1HXex7S_Xd3CQCpfo68Li4se3baVbA-wkTxJCIli0UT5Hw3--oUNeeG"
    static let ed25519 = "sYrGFlX4jd8PyZjrlgtFbBND0_r1hk2iSukPt9A34vY"

    static let signatures: [SignatureAlgorithm: String] = [
        .rs256: """
        qR2q6eRC_dC2iFyJBZa7YV9iKUi6kPSRCvllB1MOUhVLzhufIxj5Y75dvw_1DBaVWM22cNkU2ySswc10ucWLthlE\
        ZeNNwEtoFMeXEHm8ysmE07ezafVDteW1DeC4UOKvmXb3Ut5X4vzLE9XAKMsO764j7qsuDYrf6t6Qjk_Fza3PheuZ\
        1LmtL-o3xc0TG_ecraM0mEx8dhYIwtLACPLP5LTPFpFyT_9g5D2oZOlC1mtj0k9T84H7Du3F06nDNFuIzkMmJ77n\
        8RtHoOW_0anqMKSWe63Q2_1cE4Ovg8-izeV2LywLvE1y6fbYx9EkoNcP4Y6yTRKcz4aW6ShEsxYw0A
        """,
        .rs384: """
        tbz6bpb2U-ci8L56XnQHNYvroX4qXE50bRfql6Q2xxXASjLfJBnd_oL3nPEfNQNkqb5U95fsAilEZG_InPRrQ08k\
        zajJKqXcbfnMhkjTFcuJi5tzzeDFLJUs1kW_r5B3afq7pYPYfOmxKL7Ro9AXn0j2tCFFA1Erp1ABXcERJweH2cuG\
        RhD6pSXES__rpFJfcWQiY94q-QlWAK_wZGU0rFoJVnDlltulYQEBcKP40TkZMvZKGhy37OQrQujwfVj6pZuI38MI\
        -jczS2ip4AAVKAYdIGd6hrAYMBpRZOJbb5J2heFCskcJ8DYzSGS2UMeFsPW_TvdAOeeOsJqGqRgnKQ
        """,
        .rs512: """
        VqQ9d1QkwrRvRBKN17xR8qRCsc0Jz_QA6MtDxFgzrM6FvX0imGOjRTueAR7rxr81PoFi_Ad33EbyX_jEK3iwOSmw\
        0NWIPPaTbp3GTaQUQtJZFeQAtWadxunZS7X19fJpY03sA_qZv9c6Jr3oVhSL0x6AcTuOVnFCI3IyG4G8qBLacK75\
        VOJta4AfqSkPUGERe-j0pQKYl95LQm1ZyHIxKZAvadtV3DE_lrfMsqeI49_gOhpWoK71etpS1ghhtsYy7wmwawzo\
        H2189bG5GLsjLrU9f1pE236OnJnlOG_YKrS4FIJOY3JekVzWJlx7DrovAOwp24od62E7cOg472HfZg
        """,
        .ps256: """
        Xvbg6yvv52vO_UgG23L5I8x_8O6M7Ts9iNUJBSjrpZ5ycvpeYYIt9fmhC5E9gw8nLoHoqVjOFSl_bV9rJj1xAtlw\
        0ZwmLeGmJIKZrBxNcApKw803IIHhsW3QFyCqmfy0gMHeLYMj5vkRRJIMf3QEiQrsbPj9qpNBtbZKsSOGKRTSUg9E\
        xUwGXumx16czoc6did1n5OQLCJvRZ3TB6zIrk3osVDeX99lx8SgTGtumMVrGZdtBmcdjTTOZuw4NMTYvlCrUkhv3\
        9AETcgOiR7Q4N4VbvzpcNT73kJia88d8gOmMIrHg0DE_rbb5H8h12nbdrOlbTEDLUP3d5uJ5OZfWOg
        """,
        .ps384: """
        qXqWSpAp-PS9L1M_Ne8wzNvUcvXCRclc2ZYFH4sJL_14LgnP2MikrMpyQh0v_ZQXjC9rdziPJaFz5R5AzHRCmxdI\
        2QCF7t287nthSRTAJpHoqe2vGJ2H82w7q9BHKeLZSE53MK5n0HRyF6RPKSeG28XKJt4ZnDyn29QEuBw2DPmjgP_r\
        aYTk601QuS5dFDxz7o-YBHMos4KAlGoOjP-u2h6f2GaRrEXNmcTx6OpOSfRqrYI-EVXUTDm6a9fTlBwTMdZ0vKS1\
        J0Hbd7ZxwS2DnhLrklv32utESVBU6UPJ7mL8Y7ILtfDjQfBKf8NL5WuB8_eSVnwtqIsvXODp7dTVgg
        """,
        .ps512: """
        Ur9yiYBXbDcOISc0kDmvgCCicRTyQiSSkru5uZQEw7CTzRDXCxhqZvQT886ovG-FPUWZeGJBTeQktzsfvJLI07LP\
        o9kbKzE2vmL3rDLg78Ac_d0N3uLYZEjbX1jpx7Fk2X78ZpyoxmkPd6KgKiTHSGwHH3tcMgFIXqPcs78khkAJ8RpN\
        v5dBUlLlquqMqPgT1Kf9j-TeS5YwHFIsd7wddHb59ZNKK_Z3WuPHg2aStf-GYkdPoV5yLlGcQU_C1GS7MsdnzkOS\
        Bs-zCdR5vbIqmO6EuWvYC7cuyMnlINzMCjD7F_Il7IuG5NB4fG_GtZ1TFkXDOGqMU28hWgXjcbVKgA
        """,
        .es256:
            "oNwfPvq0dzjcGoeclSbtabIei1eOF0QtSqT9pzywo2T6w279bAC4_ZdZLx412ByhsKadnbCuYJUoR4NyB7aA_Q",
        .es384: """
        eg4U-GDc0x6E8fs5_68uyHbEfnfwjkDtmfZo5dy4QHhPrEteMHjrRwqUvPO83b6w9_4ljljfnBS2I75HPfKOcI_U\
        NrayO7O-03RnEJ561g-wLTbP_vrr1dV6DPNYNEj4
        """,
        .es512: """
        ABv57Yd1neVzfSxP3s2-I1Ec_T7mHxD_KB5z51-0-z6vkIZDR_1namO-io-iWuPMLjUkYlpTTuS2Z0b_7ioa1d22\
        AMgLgPl2yXjHwbhJ5_GkC5mdVKryJr68erKIQGYSoDSTrNqTs-j-CkEYamvjBgxKnG_hcBFBR3pMgxEnJlZl8jDo
        """,
        .edDSA:
            "rnRG0KafuE9B5_4uxxc1SBoJttn-dmaYQKR7atBCGvk11yS6XLGlsansjxbYFuzQWzy_4vbYVhuUKdZyhhAoAw",
    ]
}
