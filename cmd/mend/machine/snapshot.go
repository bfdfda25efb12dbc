package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A machine that runs has its file to itself. To let an operator look meanwhile, it hands out a copy of the file, as
// of one moment, through a socket in the data folder: who may read the folder may read the file anyway.

const (
	socketName   = "copy.sock"
	copyPattern  = "copy-*.db" // of the copies that are being looked at
	longestWrite = time.Minute
)

// handOutCopies answers each connection with a copy of the file, until the listener is closed. Where sockets can't
// be (a path too long), nobody can look while the machine runs.
func handOutCopies(ctx context.Context, m *Machine) (end func()) {
	folder := filepath.Dir(m.Path())
	left, _ := filepath.Glob(filepath.Join(folder, copyPattern)) // of a command that was killed
	socket := filepath.Join(folder, socketName)
	for _, path := range append(left, socket) {
		_ = os.Remove(path)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", socket)
	if err != nil {
		m.log.WarnContext(ctx, "no copies for operators", "error", err)
		return func() {}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(longestWrite))
			err = m.View(ctx, func(tx *bolt.Tx) error {
				_, err := tx.WriteTo(conn)
				return err
			})
			if err = errors.Join(err, conn.Close()); err != nil {
				m.log.WarnContext(ctx, "copy for an operator", "error", err)
			}
		}
	}()
	return func() { _ = l.Close() }
}

// OpenToRead opens the file in a data folder to look at it. While a machine runs on it, that is a copy as of now, which goes
// when it is closed: what is written to it is lost.
func OpenToRead(ctx context.Context, folder string) (*File, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(folder, socketName))
	if err != nil { // none runs
		return OpenFile(ctx, folder)
	}
	defer conn.Close()
	to, err := os.CreateTemp(folder, copyPattern)
	if err != nil {
		return nil, fmt.Errorf("copy the file of a machine that runs: %w", err)
	}
	remove := func() error { return os.Remove(to.Name()) }
	_, err = io.Copy(to, conn)
	if err = errors.Join(err, to.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("copy the file of a machine that runs: %w", err), remove())
	}
	f, err := OpenCopy(ctx, to.Name())
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	f.path, f.remove = filepath.Join(folder, fileName), remove
	return f, nil
}

// Close closes the file.
func (f *File) Close() error {
	err := f.File.Close()
	if f.remove != nil {
		err = errors.Join(err, f.remove())
	}
	return err
}
