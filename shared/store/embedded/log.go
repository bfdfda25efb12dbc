package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// InMemoryLogged is [InMemory] with a log: what an update wrote is appended to the file at path before anybody sees
// it, in one write and without fsync, and read back when the file is opened again. So all that was acknowledged outlives
// the process, however it dies, but not the machine. The log only grows, and one process at a time may have it open:
// it is for measuring.
func InMemoryLogged(path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made (%w): choose one that you may write to", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the log cannot be opened (%w): choose a data folder that you may write to", err)
	}
	e := &memoryEngine{runs: make(map[string]*run)}
	if err := e.replay(file); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the log %s: %w", path, err), file.Close())
	}
	e.log = file
	return &DB{engine: e}, nil
}

// A frame of the log is one update: the length and the CRC-32 of what follows, four bytes each, and then a line for
// each thing that was done: what, the bucket's name, and the key and the value, or the bucket's last number.
const (
	frameHead = 8

	lineSet    byte = 's'
	lineRemove byte = 'r'
	lineNumber byte = 'n'
)

func appendBytes(b, s []byte) []byte { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }

// noted writes down one line of the update, if there is a log.
func (b memoryBucket) noted(line byte, parts ...[]byte) {
	t := b.tx
	if t.engine.log == nil {
		return
	}
	if len(t.frame) == 0 {
		t.frame = make([]byte, frameHead, 4096)
	}
	t.frame = appendBytes(append(t.frame, line), []byte(b.name))
	for _, part := range parts {
		t.frame = appendBytes(t.frame, part)
	}
}

// append writes the frame of an update, if it wrote anything. Half a frame, of a disk that is full, is taken
// away again.
func (e *memoryEngine) append(frame []byte) error {
	if len(frame) == 0 {
		return nil
	}
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHead))
	binary.LittleEndian.PutUint32(frame[4:], crc32.ChecksumIEEE(frame[frameHead:]))
	n, err := e.log.Write(frame)
	if err != nil && n > 0 {
		if end, at := e.log.Seek(-int64(n), io.SeekCurrent); at == nil {
			_ = e.log.Truncate(end)
		}
	}
	return err
}

// replay does again all that the log holds. A frame at its end that is not whole was never acknowledged, and is cut off.
func (e *memoryEngine) replay(file *os.File) error {
	all, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	rest := all
	for len(rest) >= frameHead {
		size := int(binary.LittleEndian.Uint32(rest))
		if size > len(rest)-frameHead {
			break
		}
		frame := rest[frameHead : frameHead+size]
		if crc32.ChecksumIEEE(frame) != binary.LittleEndian.Uint32(rest[4:]) {
			break
		}
		if err := e.redo(frame); err != nil {
			return err
		}
		rest = rest[frameHead+size:]
	}
	whole := int64(len(all) - len(rest))
	if err := file.Truncate(whole); err != nil {
		return err
	}
	_, err = file.Seek(whole, io.SeekStart)
	return err
}

var errBadFrame = errors.New("a damaged log: move it away, or choose another data folder")

func (e *memoryEngine) redo(frame []byte) error {
	ok := true
	take := func() []byte {
		n, size := binary.Uvarint(frame)
		if size <= 0 || n > uint64(len(frame)-size) {
			ok = false
			return nil
		}
		s := frame[size : size+int(n)]
		frame = frame[size+int(n):]
		return s
	}
	t := &memoryTx{engine: e, writable: true}
	for len(frame) > 0 {
		line := frame[0]
		frame = frame[1:]
		r := t.Bucket(string(take())).(memoryBucket).run
		switch line {
		case lineSet:
			key, value := bytes.Clone(take()), bytes.Clone(take())
			if value == nil {
				value = []byte{}
			}
			if ok {
				r.set(key, value)
			}
		case lineRemove:
			r.remove(take())
		case lineNumber:
			r.numbered, _ = binary.Uvarint(take())
		default:
			ok = false
		}
		if !ok {
			return errBadFrame
		}
	}
	return nil
}
