package embedded

import (
	"bytes"
	"encoding/hex"
	"flag"
	"math"
	"os"
	"strings"
	"testing"

	"example.org/mend/shared/store"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func goldenItem() store.Item {
	return store.Item{
		"pk": "P#1", "sk": "SUB#1", "empty": "", "words": "mañana", "yes": true, "no": false,
		"zero": int64(0), "minus": int64(-1), "least": int64(math.MinInt64), "most": int64(math.MaxInt64),
		"bytes": []byte{0, 255}, "none": []byte{}, strings.Repeat("long", 50): "x",
	}
}

// The file of an older Mend must stay readable: a changed golden file means a new version.
func TestEncodingIsStable(t *testing.T) {
	got, err := encode(goldenItem(), "pk", "sk")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/item-1.hex"
	if *update {
		if err := os.WriteFile(file, []byte(hex.Dump(got)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), hex.Dump(got)); d != "" {
		t.Errorf("encoded (-want +got):\n%s", d)
	}
	it, err := decode(got, 0)
	if err != nil {
		t.Fatal(err)
	}
	it["pk"], it["sk"] = "P#1", "SUB#1"
	if d := cmp.Diff(goldenItem(), it); d != "" {
		t.Errorf("decoded (-want +got):\n%s", d)
	}
}

func TestDecodeRefusesEveryTornItem(t *testing.T) {
	whole, err := encode(goldenItem())
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if it, err := decode(whole[:n], 0); err == nil {
			t.Errorf("the first %d of %d bytes: got %v, want an error", n, len(whole), it)
		}
	}
	if it, err := decode(append(whole, 0), 0); err == nil {
		t.Errorf("a byte more: got %v, want an error", it)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":             {},
		"a newer version":     {encodingVersion + 1, 0},
		"many attributes":     {1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F},
		"a long length":       {1, 0x80, 0x00},
		"a number too large":  {1, 1, 1, 'n', 'i', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02},
		"a number too long":   {1, 1, 1, 'n', 'i', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01},
		"an unknown type":     {1, 1, 1, 'n', 'x'},
		"names out of order":  {1, 2, 1, 'b', 't', 1, 'a', 't'},
		"a name twice":        {1, 2, 1, 'a', 't', 1, 'a', 'f'},
		"a value cut short":   {1, 1, 1, 'a', 's', 5, 'x'},
		"a length that wraps": {1, 1, 1, 'a', 's', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01},
	} {
		if it, err := decode(b, 0); err == nil {
			t.Errorf("%s: got %v, want an error", name, it)
		}
	}
}

// What decodes is exactly what encodes to it: no bytes mean an item in two ways.
func FuzzDecode(f *testing.F) {
	whole, err := encode(goldenItem())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte{1, 0})
	f.Add([]byte{1, 1, 1, 'n', 'i', 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		it, err := decode(b, 0)
		if err != nil {
			return
		}
		again, err := encode(it)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again, b) {
			t.Errorf("%x decodes to %v, which encodes to %x", b, it, again)
		}
	})
}
