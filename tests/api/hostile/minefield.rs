//! JSON that parsers disagree about, as in Seriot's "Parsing JSON is a minefield": each case comes
//! back as it was sent, or is refused.

use serde_json::json;

use super::{MAIN, World};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Numbers that come back digit by digit.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "1", "-1", "1.0", "-1.0", "0.0", "-0.0", "1e0", "1E0", "1e400", "-1e400", "1E400",
    "1e-400", "1e+400", "1e9999999999", "0e1", "0e+1", "0E-1", "-0e0", "1.10", "1.000",
    "123.456e78", "20e1", "9007199254740991", "9007199254740992", "9007199254740993",
    "-9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "123456789012345678901234567890", "-123456789012345678901234567890", "0.00000001", "1141010006800373.3", "1000000000000000000000000",
    "0.1000000000000000055511151231257827021181583404541015625",
    "3.141592653589793238462643383279", "100000000000000000000000000000000000000000000000000e-50",
    "1.7976931348623157e308", "1.7976931348623159e308", "5e-324", "2e-324", "0.1e1", "1e1", "1e01",
];

/// Numbers that are none, and one that is another one.
#[rustfmt::skip]
const NO_NUMBERS: &[&str] = &[
    "-0", "NaN", "-NaN", "+NaN", "nan", "Infinity", "-Infinity", "+Inf", "Inf", "inf", "01", "-01",
    "00", "-00", "+1", "++1", "--1", "-", "+", ".1", "-.1", "1.", "-1.", "1.e1", ".e1", "1e",
    "1e+", "1e-", "1E", "1ee1", "1e1.5", "1e1e1", "0x1", "0X1F", "0b1", "0o7", "1_000", "1,000",
    "1 000", "1'000", "1.2.3", "1-1", "1+1", "1a", "1L", "1n", "1f", "1d", "\u{ff11}", "\u{661}",
    "1\u{a0}", "- 1", "-foo", "-\u{0}1", "$1", "1e\u{661}", "∞", "2.e3", "2.e-3", "0e", "0e+",
    "0.3e", "0.e1", "9.e+", "1.0e", "1eE2", "#1",
];

/// Texts with what they say.
#[rustfmt::skip]
const TEXTS: &[(&str, &str)] = &[
    (r#""""#, ""), (r#"" ""#, " "), (r#""a""#, "a"), (r#""\"""#, "\""), (r#""\\""#, "\\"),
    (r#""\/""#, "/"), (r#""/""#, "/"), (r#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t"),
    (r#""\u0061""#, "a"), (r#""\u00e9""#, "é"), (r#""\u00E9""#, "é"), (r#""\u0001""#, "\u{1}"),
    (r#""\u001f""#, "\u{1f}"), (r#""\u007f""#, "\u{7f}"), (r#""\u0022""#, "\""),
    (r#""\u005c""#, "\\"), (r#""\u2028\u2029""#, "\u{2028}\u{2029}"), (r#""\uD83D\uDE00""#, "😀"),
    (r#""\ud834\udd1e""#, "𝄞"), (r#""\uDBFF\uDFFF""#, "\u{10ffff}"), (r#""\uFFFF""#, "\u{ffff}"),
    (r#""\uFFFE""#, "\u{fffe}"), (r#""\uFDD0""#, "\u{fdd0}"), (r#""\uE000""#, "\u{e000}"),
    (r#""\ufeff""#, "\u{feff}"), (r#""\u200B\u202E""#, "\u{200b}\u{202e}"),
    (r#""\u0065\u0301""#, "e\u{301}"), (r#""\\u0061""#, "\\u0061"), (r#""\\u0000""#, "\\u0000"),
    (r#""\\\\""#, "\\\\"), (r#""\\a""#, "\\a"), ("\"\u{7f}\"", "\u{7f}"), ("\"\u{80}\"", "\u{80}"),
    ("\"é\"", "é"), ("\"e\u{301}\"", "e\u{301}"), ("\"😀\"", "😀"), ("\"\u{10ffff}\"", "\u{10ffff}"),
    ("\"\u{ffff}\"", "\u{ffff}"), ("\"\u{feff}\"", "\u{feff}"), ("\"\u{2028}\"", "\u{2028}"),
    ("\"\u{202e}x\"", "\u{202e}x"), ("\"a/*b*/c\"", "a/*b*/c"), ("\"// a\"", "// a"),
    ("\"1e400\"", "1e400"), ("\"null\"", "null"), ("\"NaN\"", "NaN"), ("\"{}\"", "{}"),
    ("\"'\"", "'"),
];

/// What is no JSON: texts, lists, objects and what stands around them.
#[rustfmt::skip]
const NO_JSON: &[&[u8]] = &[
    b"\"\\ud800\"", b"\"\\udc00\"", b"\"\\ud800\\ud800\"", b"\"\\udc00\\ud800\"", b"\"\\ud800a\"",
    b"\"\\ud800\\n\"", b"\"\\ud800\\u0061\"", b"\"\\ud83d\\u\"", b"\"\\ud83d\\ude0\"",
    b"\"\\uDd1ea\"", b"\"\\u\"", b"\"\\u0\"", b"\"\\u00\"", b"\"\\u000\"", b"\"\\u00g0\"",
    b"\"\\u{61}\"", b"\"\\U0061\"", b"\"\\x61\"", b"\"\\a\"", b"\"\\v\"", b"\"\\0\"", b"\"\\'\"",
    b"\"\\ \"", b"\"\\\"", b"\"\\", b"\"\\\xc3\xa9\"", b"\"", b"\"a", b"a\"", b"\"\xff\"",
    b"\"\xfe\"", b"\"\xc3\"", b"\"\xc3(\"", b"\"\xa0\xa1\"", b"\"\xe2\x28\xa1\"", b"\"\xe2\x82\"",
    b"\"\xc0\x80\"", b"\"\xc0\xaf\"", b"\"\xe0\x80\xaf\"", b"\"\xf0\x80\x80\xaf\"",
    b"\"\xed\xa0\x80\"", b"\"\xed\xa0\x80\xed\xb0\x80\"", b"\"\xf4\x90\x80\x80\"",
    b"\"\xf8\x88\x80\x80\x80\"", b"\"\xfc\x84\x80\x80\x80\x80\"", b"\"\xe9\"", b"\"\x00\"",
    b"\"\x01\"", b"\"\x1f\"", b"\"\n\"", b"\"\r\"", b"\"\t\"", b"\"\\u0000\"", b"\"a\\u0000b\"",
    b"'a'", b"`a`", b"a", b"\xe2\x80\x9ca\xe2\x80\x9d", b"\"a\" \"b\"", b"\"a\"b", b"\"a\"+\"b\"",
    b"\"\"\"\"", b"[", b"]", b"[]]", b"[[]", b"[1", b"[1,", b"[,", b"[,]", b"[,1]", b"[1,]",
    b"[1,,]", b"[1,,2]", b"[1 2]", b"[1:2]", b"[1;2]", b"[1,2}", b"[\"a\" 1]", b"[\"a\"", b"[1]x",
    b"[1][2]", b"[\n1\n,", b"[\x0c]", b"[\x0b]", b"[\xc2\xa0]", b"[\xe2\x81\xa0]",
    b"[\xef\xbb\xbf]", b"[\x00]", b"[\x7f]", b"[*]", b"[\"\", ]", b"[1,\n1\n,1", b"[<null>]", b"{",
    b"}", b"{{}}", b"{a:1}", b"{'a':1}", b"{1:1}", b"{null:1}", b"{\"a\"}", b"{\"a\":}",
    b"{\"a\":1,}", b"{\"a\":1,,}", b"{,\"a\":1}", b"{\"a\" 1}", b"{\"a\",1}", b"{\"a\"::1}",
    b"{\"a\":1 \"b\":2}", b"{\"a\":1;\"b\":2}", b"{:1}", b"{\"a\":1:2}", b"{\"a\":1]", b"{\"a\":1",
    b"{\"a\":", b"{\"a\"", b"{\"\\ud800\":1}", b"{\"\xff\":1}", b"{\"a\":1,\"a\":1}",
    b"{\"a\":1,\"\\u0061\":2}", b"{\"a\\u0000\":1}", b"{\"$serde_json::private::Number\":\"1\"}",
    b"{\"$serde_json::private::RawValue\":\"1\"}", b"{[]:1}", b"{\"a\":1,\"b\"}", b"{\"a\"=1}",
    b"{\"a\"=>1}", b"{...{}}", b"{\"a\":undefined}", b"undefined", b"nul", b"nulll", b"Null",
    b"NULL", b"None", b"True", b"TRUE", b"tru", b"truee", b"False", b"fals", b"nil", b"void",
    b"\\u006eull", b"// a\n1", b"1 // a", b"/* a */ 1", b"1 /* a */", b"/**/1", b"# a\n1",
    b"<!-- a -->1", b"--1", b"\xef\xbb\xbf1", b"\xfe\xff1", b"\xff\xfe1\x00", b"1\x00", b"\x001",
    b"1\x1a", b"1\xef\xbb\xbf", b"", b" ", b",", b":", b"&quot;a&quot;", b"(1)", b"function(){}",
    b"/a/", b"new Date(0)", b"<a/>", b"- a", b"a: 1",
];

/// A body with these bytes as the value of `a`, in an unsaved field and at a place of its own.
fn around(value: &[u8]) -> Vec<u8> {
    [b"{\"type\":\"openai\",\"configuration\":{\"a\":", value, b"}}"].concat()
}

/// How a number is written out: the exponent always has a sign, and its `e` is small.
fn written(number: &str) -> String {
    let number = number.to_ascii_lowercase();
    match number.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with(['-', '+']) => {
            format!("{digits}e+{exponent}")
        }
        _ => number,
    }
}

#[test]
fn d9_what_is_taken_comes_back_as_it_was_sent() {
    let world = &World::new();
    let save = |value: &str| {
        let length = format!("Content-Length: {}", around(value.as_bytes()).len());
        let headers = ["Content-Type: application/json", length.as_str()];
        let saved = world.admin.raw(&format!("POST {MAIN}"), &headers, &around(value.as_bytes()));
        assert_eq!(saved.status, 200, "{value}: {}", saved.text);
        world.admin.get(MAIN)
    };
    for number in NUMBERS {
        let read = save(number).text;
        let expected = format!("\"configuration\":{{\"a\":{}}}", written(number));
        assert!(read.contains(&expected), "{number} became {read}");
    }
    for (text, said) in TEXTS {
        let read = save(text);
        assert_eq!(read.json["configuration"]["a"], *said, "{text} became {}", read.text);
    }
    for value in [
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "[[]]",
        "{\"\":{\"\":[null]}}",
        "[1,\"1\",1.0]",
        "{\"b\":1,\"a\":2}",
    ] {
        let read = save(value).text;
        let expected = format!("\"configuration\":{{\"a\":{value}}}");
        assert!(read.contains(&expected), "{value} became {read}");
    }
}

#[test]
fn d9_all_else_is_refused() {
    let world = &World::new();
    assert!(NUMBERS.len() + TEXTS.len() + NO_NUMBERS.len() + NO_JSON.len() > 300);
    let no_numbers = NO_NUMBERS.iter().map(|text| text.as_bytes());
    world.unharmed(|| {
        // A large number looks like an object to some.
        for number in NUMBERS {
            let body = format!("{{\"type\":\"openai\",\"configuration\":{number}}}");
            for body in [body.as_str(), number] {
                let answer = world.admin.send("POST", MAIN, &[JSON], Some(body));
                assert_eq!(answer.status, 400, "{body}: {}", answer.text);
            }
        }
        for value in no_numbers.chain(NO_JSON.iter().copied()) {
            // Where a list or object ends too early, what is around it must not complete it.
            for body in [around(value), value.to_vec(), [b"[", value, b"]"].concat()] {
                let length = format!("Content-Length: {}", body.len());
                let headers = ["Content-Type: application/json", length.as_str()];
                let answer = world.admin.raw(&format!("POST {MAIN}"), &headers, &body);
                assert_eq!(
                    answer.status,
                    400,
                    "{}: {}",
                    String::from_utf8_lossy(&body),
                    answer.text
                );
            }
        }
    });
}

#[test]
fn d9_whole_numbers_are_whole_and_fit_or_are_refused() {
    let world = &World::new();
    let gpt = format!("{MAIN}/integration/gpt");
    let limit = "/api/integrations/llm/main/token";
    let save = |path: &str, body: String| {
        let length = format!("Content-Length: {}", body.len());
        let headers = ["Content-Type: application/json", length.as_str()];
        world.admin.raw(&format!("POST {path}"), &headers, body.as_bytes())
    };
    for number in ["1", "9007199254740993", "9223372036854775807"] {
        assert_eq!(save(&gpt, format!("{{\"maxTokens\":{number}}}")).status, 200, "{number}");
        let read = world.admin.get(&gpt).text;
        assert!(read.contains(&format!("\"maxTokens\":{number},")), "{number} became {read}");
    }
    world.unharmed(|| {
        for number in [
            "1e400",
            "-1e400",
            "1e-400",
            "9223372036854775808",
            "-9223372036854775809",
            "-0",
            "-0.0",
            "18446744073709551616",
            "1.0",
            "1.5",
            "1e0",
            "1e2",
            "1E2",
            "0.1",
            "\"5\"",
            "\"\"",
            "true",
            "[]",
            "{}",
            "123456789012345678901234567890",
            "{\"$serde_json::private::Number\":\"5\"}",
            "NaN",
            "Infinity",
        ] {
            for (path, body) in [
                (gpt.as_str(), json!({"maxTokens": "#"})),
                (limit, json!({"maxTokens": "#", "tokenLimitPeriod": "DAY"})),
                (&format!("{gpt}/metrics"), json!("#")),
                ("/api/token", json!({"keyId": "a", "keySecret": "b", "expiration": "#"})),
            ] {
                let body = body.to_string().replace("\"#\"", number);
                let answer = save(path, body);
                assert_eq!(answer.status, 400, "{path} {number}: {}", answer.text);
            }
        }
    });
}
