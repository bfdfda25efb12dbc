package cadence_test

import (
	"testing"

	"example.org/mend/shared/cadence"
)

func TestReadTime(t *testing.T) {
	for typed, want := range map[string]string{
		"07:30": "07:30", "07:30 ": "07:30", "7:30": "07:30", "7.30": "07:30", "7.30 pm": "19:30", "7:30PM": "19:30",
		"7:30 a.m.": "07:30", "7": "07:00", "7pm": "19:00", "12 am": "00:00", "12pm": "12:00", "12:15 am": "00:15",
		"19h30": "19:30", "19h": "19:00", "730": "07:30", "1930": "19:30", "0730": "07:30", "noon": "12:00",
		"Midnight": "00:00", "07:30:00": "07:30", "٠٧:٣٠": "07:30", "０７：３０": "07:30", "19.30 Uhr": "19:30",
		"7:30:00 PM": "19:30", "19 Uhr 30": "19:30", "1:00 pm": "13:00", "100pm": "13:00",
		"00:00": "00:00", "23:45": "23:45", "24:00": "00:00", "24:00:00": "00:00",
		"7:30\u202fpm": "19:30", "7:30\u00a0p.\u00a0m.": "19:30", "\u200e7:30 PM": "19:30", "7:30 p.m": "19:30",
		"7:30p": "19:30", "12 noon": "12:00", "12:00 midnight": "00:00", "7h": "07:00",
		"午後7:30": "19:30", "上午7:30": "07:30", "오후 7:30": "19:30", "٧:٣٠ م": "19:30", "۷:۳۰ ق.ظ": "07:30",
		"7:30 μ.μ.": "19:30", "ÖS 7:30": "19:30", "de. 7:30": "07:30", "7:30 em": "19:30", "7:30 CH": "19:30",
		"kl. 7.30": "07:30", "19 uur": "19:00", "19:30 hrs": "19:30",
	} {
		got, rounded, ok := cadence.ReadTime(typed)
		if !ok || rounded || got.String() != want {
			t.Errorf("ReadTime(%q) = %v, rounded %t, %t; want %s", typed, got, rounded, ok, want)
		}
	}
	for typed, want := range map[string]string{
		"07:31": "07:30", "07:37": "07:30", "07:38": "07:45", "7:59 pm": "20:00", "23:59": "23:45",
		"23:53": "23:45", "00:01": "00:00",
	} {
		got, rounded, ok := cadence.ReadTime(typed)
		if !ok || !rounded || got.String() != want {
			t.Errorf("ReadTime(%q) = %v, rounded %t, %t; want %s, rounded", typed, got, rounded, ok, want)
		}
	}
	for _, typed := range []string{
		"", " ", "morning", "24:15", "24:00 pm", "25:00", "07:60", "7:3", "13 pm", "0 am", "-7:30", "7:30:00:00",
		"12345", "7:30x", "+7:30", "7:-1", "am", ":30",
	} {
		if got, _, ok := cadence.ReadTime(typed); ok {
			t.Errorf("ReadTime(%q) = %v, want none", typed, got)
		}
	}
}

func TestReadDay(t *testing.T) {
	for typed, want := range map[string]int{"31": 31, "31 ": 31, " 1": 1, "3.": 3, "1st": 1, "22nd": 22, "23rd": 23,
		"30th": 30, "٣١": 31} {
		if got, ok := cadence.ReadDay(typed); !ok || got != want {
			t.Errorf("ReadDay(%q) = %d, %t, want %d", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"", "0", "32", "-1", "1.5", "first", "1st 2nd", "1e1"} {
		if got, ok := cadence.ReadDay(typed); ok {
			t.Errorf("ReadDay(%q) = %d, want none", typed, got)
		}
	}
}
