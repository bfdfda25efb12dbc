package mime

import (
	"bytes"
	"encoding/binary"

	"bufio"

	"github.com/emersion/go-message/textproto"
)

// tnefText returns the plain text that Outlook put into winmail.dat ([MS-OXTNEF] section 2.1):
// a signature, a key, then attributes of level, id, length, data and checksum.
func tnefText(raw []byte) string {
	const signature, attributeBody = 0x223e9f78, 0x0002800c
	if len(raw) < 6 || binary.LittleEndian.Uint32(raw) != signature {
		return ""
	}
	for at := 6; at+9 <= len(raw); {
		id := binary.LittleEndian.Uint32(raw[at+1:])
		length := int(binary.LittleEndian.Uint32(raw[at+5:]))
		at += 9
		if length < 0 || length > len(raw)-at {
			return ""
		}
		if id == attributeBody {
			decoded, _ := decodeCharset(bytes.TrimRight(raw[at:at+length], "\x00"), "", "text/plain")
			return decoded
		}
		at += length + 2
	}
	return ""
}

// smime reads the message inside an opaquely signed one (RFC 8551 section 3.5.2). The signature is
// not checked; what is encrypted stays shut.
func (r *reader) smime(kind string, raw []byte, depth int) []Text {
	if kind != "signed-data" && kind != "" || depth >= mostDepth {
		r.message.Flags.Add(Encrypted)
		return nil
	}
	content := signedContent(raw)
	if content == nil {
		r.message.Flags.Add(Encrypted)
		return nil
	}
	r.message.Flags.Add(Signed)
	body := bufio.NewReader(newRepairer(bufio.NewReader(bytes.NewReader(content)), ""))
	header, err := textproto.ReadHeader(body)
	if err != nil {
		r.message.Flags.Add(BadHeaders)
	}
	return r.entity(header, body, depth+1)
}

// signedContent digs the content out of a CMS SignedData (RFC 5652 section 5.1): the octets below
// the object identifier of "data". It is BER, with indefinite lengths and strings in
// pieces, which encoding/asn1 does not read.
func signedContent(raw []byte) []byte {
	data := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	signed := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	if at := bytes.Index(raw, signed); at < 0 || at > 16 {
		return nil
	}
	at := bytes.Index(raw, data)
	if at < 0 {
		return nil
	}
	rest := raw[at+len(data):]
	if tag, body, _ := derElement(rest); tag != 0xa0 {
		return nil
	} else {
		rest = body
	}
	var content []byte
	for len(rest) > 0 {
		tag, body, after := derElement(rest)
		switch tag {
		case 0x24: // a string in pieces
			rest = body
		case 0x04:
			content = append(content, body...)
			rest = after
		default:
			return content
		}
	}
	return content
}

// derElement splits one BER element: its tag, its content (to the end where the length is
// indefinite) and what follows.
func derElement(raw []byte) (tag byte, body, after []byte) {
	if len(raw) < 2 {
		return 0, nil, nil
	}
	tag, length, at := raw[0], int(raw[1]), 2
	if length == 0x80 {
		return tag, raw[at:], nil
	}
	if length > 0x80 {
		n := length - 0x80
		if n > 4 || len(raw) < at+n {
			return 0, nil, nil
		}
		length = 0
		for _, b := range raw[at : at+n] {
			length = length<<8 | int(b)
		}
		at += n
	}
	if length < 0 || length > len(raw)-at {
		length = len(raw) - at
	}
	return tag, raw[at : at+length], raw[at+length:]
}
