package machine

import (
	"bytes"
	"testing"

	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/embedded"
	"example.org/mend/shared/token"
)

// Links in letters that an older version sent stay good, and so does the secret that names addresses.
func TestKeysOfAnOlderFileStayGoodOverARotation(t *testing.T) {
	f, err := OpenCopy(t.Context(), t.TempDir()+"/mend.db")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	secrets := append(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)...)
	if err := f.db.Update(t.Context(), func(tx embedded.Tx) error {
		return tx.Bucket(machineBucket).Put([]byte(firstSecrets), secrets)
	}); err != nil {
		t.Fatal(err)
	}
	older, err := token.NewKeys(token.Key{ID: 1, Secret: [32]byte(secrets[:32])})
	if err != nil {
		t.Fatal(err)
	}
	link, err := older.Sign(token.Claims{Purpose: token.Unsubscribe, Person: mend.ID("aaaaaaaaaaaaaaaa")})
	if err != nil {
		t.Fatal(err)
	}
	reply, err := older.ReplyAddress(token.Claims{Person: mend.ID("aaaaaaaaaaaaaaaa"), Date: mend.DateOf(f.Now())}, ReplyDomain)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := keyring.Rotate(t.Context(), f.Keys(), KeyPath); id != 2 || err != nil {
		t.Fatalf("rotate: key %d, %v, want 2", id, err)
	}
	ring, err := openKeys(t.Context(), f.Keys())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Links.Verify(token.Unsubscribe, link, f.Now()); err != nil {
		t.Errorf("a link from before the rotation: %v", err)
	}
	if got, err := ring.Replies.FromReplyAddress(reply, ReplyDomain, f.Now()); err != nil || got.Person != "aaaaaaaaaaaaaaaa" {
		t.Errorf("a reply address from before the rotation: %v", err)
	}
	if ring.Signing != 2 || !bytes.Equal(ring.Address, secrets[32:]) {
		t.Errorf("key %d signs, and the address secret is %x; want 2, and that of the file", ring.Signing, ring.Address)
	}
}
