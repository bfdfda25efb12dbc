package service_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/service"
)

func TestAskingIsLimitedPerNetworkAndInAll(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	admit := func(what service.Asking, from string) bool {
		err := w.svc.Admit(t.Context(), what, netip.MustParseAddr(from))
		if err != nil && code(err) != service.TooMany {
			t.Fatal(err)
		}
		return err == nil
	}
	until := func(what service.Asking, from func(i int) string) int {
		for i := 0; ; i++ {
			if !admit(what, from(i)) {
				return i
			}
			if i > 5000 {
				t.Fatal("no limit")
			}
		}
	}
	same := func(from string) func(int) string { return func(int) string { return from } }
	if got := until(service.SignUps, same("192.0.2.7")); got != 20 {
		t.Errorf("one address asked %d times within the hour, want 20", got)
	}
	if !admit(service.SignIns, "192.0.2.7") || !admit(service.SignUps, "192.0.2.8") || !admit(service.SignUps, "::ffff:192.0.2.9") {
		t.Error("what one network used up of one limit counts for another")
	}
	if admit(service.SignUps, "::ffff:192.0.2.7") {
		t.Error("an address written as IPv6 passes for another")
	}
	// A household has 56 bits of IPv6, and any number of addresses in it.
	if got := until(service.SignUps, func(i int) string { return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)}).String() }); got != 20 {
		t.Errorf("one network of IPv6 asked %d times within the hour, want 20", got)
	}
	everywhere := func(i int) string { return netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}).String() }
	if got := until(service.SignUps, everywhere); got != 600-20-2-20 {
		t.Errorf("a flood from everywhere got %d more, want 600 in all", got)
	}
	for range 50 {
		if !admit(service.SignUps, "127.0.0.1") || !admit(service.SignUps, "::1") {
			t.Fatal("the machine itself is counted")
		}
	}
	w.now = w.now.Add(time.Hour)
	if !admit(service.SignUps, "192.0.2.7") {
		t.Error("after the hour it is still too many")
	}
	if all := w.everything(); strings.Contains(all, "192.0.2") || strings.Contains(all, "2001:db8") {
		t.Error("the table holds a network's address")
	}
}
