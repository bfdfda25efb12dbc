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

	"example.org/mend/shared/local"
)

// A machine that runs has its file to itself. To let an operator look meanwhile, it writes a copy
// of the file, as of one moment, to each program that connects to a socket in the data folder. Only
// someone who may read the file can open that folder. Deletions wait for the reader, so it has a
// minute.

const (
	socketName   = "copy.sock"
	copyPattern  = "copy-*.db" // of the copies that are being looked at
	longestWrite = time.Minute
)

// handOutCopies answers each connection with a copy of the file, until the listener is closed.
// Where sockets can't be (a path too long), no one can look while the machine runs.
func handOutCopies(ctx context.Context, m *Machine) (end func()) {
	folder := filepath.Dir(m.Path)
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
			m.logged(ctx, "copy for an operator", errors.Join(err, conn.Close()))
		}
	}()
	return func() { _ = l.Close() }
}

// OpenToRead opens the file in a data folder to look at it. While a machine runs on it, that is a
// copy as of now, which is gone when it is closed: what is written to it is lost.
func OpenToRead(ctx context.Context, folder string) (*local.File, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(folder, socketName))
	if err != nil { // none runs
		return OpenFile(ctx, folder)
	}
	defer conn.Close()
	to, err := os.CreateTemp(folder, copyPattern)
	if err != nil {
		return nil, err
	}
	defer os.Remove(to.Name()) // what is open stays until it is closed
	_, err = io.Copy(to, conn)
	if err = errors.Join(err, to.Close()); err != nil {
		return nil, fmt.Errorf("copy the file of the machine that runs: %w", err)
	}
	f, err := local.Open(ctx, to.Name(), local.Options{})
	if err != nil {
		return nil, fmt.Errorf("the machine that runs could not copy its file: its log says why (%w)", err)
	}
	f.Path = filepath.Join(folder, fileName)
	return f, nil
}
