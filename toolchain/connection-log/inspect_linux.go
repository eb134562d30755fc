package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// connection is one attempt to reach an address.
type connection struct {
	// inet, inet6, unix, or "family N".
	Family string `json:"family"`
	// IP address; path of a unix socket, where "@" stands for the NUL of an abstract one; else empty.
	Address string `json:"address"`
	// 0 where there is none.
	Port uint16 `json:"port"`
	// Name of the program's file.
	Program string `json:"program"`
}

// struct ptrace_syscall_info of <linux/ptrace.h>, as far as a call's entry goes. The same on every architecture.
type callInfo struct {
	Op   uint8
	_    [3]uint8
	Arch uint32
	_    [2]uint64
	Nr   uint64
	Args [6]uint64
}

const (
	ptraceGetSyscallInfo = 0x420e
	callEntry            = 1
	// Set in the number of an x32 call on amd64.
	x32Bit = 0x40000000
	// More than any address, and than the part of a message header that says where it goes.
	maxAddress = 128
	sizeofMsg  = 64
)

// inspect looks at a thread that is stopped at a system call.
func inspect(tid int, note func(connection) error) error {
	var info callInfo
	_, _, failed := unix.Syscall6(unix.SYS_PTRACE, ptraceGetSyscallInfo, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if failed == unix.ESRCH {
		return nil
	}
	if failed != 0 {
		return fmt.Errorf("the kernel does not say what is called (Linux 5.3 or later is needed): %w", failed)
	}
	if info.Op != callEntry {
		return nil
	}
	if info.Arch != nativeArch || info.Nr&x32Bit != 0 {
		return fmt.Errorf("%s makes calls of another architecture, which are not watched", programOf(tid))
	}
	switch info.Nr {
	case unix.SYS_CONNECT:
		return noteAddress(tid, info.Args[1], info.Args[2], note)
	case unix.SYS_SENDTO:
		return noteAddress(tid, info.Args[4], info.Args[5], note)
	case unix.SYS_SENDMSG:
		return noteMessage(tid, info.Args[1], note)
	case unix.SYS_SENDMMSG:
		for at := range info.Args[2] {
			if err := noteMessage(tid, info.Args[1]+at*sizeofMsg, note); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteMessage reads msg_name and msg_namelen of a struct msghdr.
func noteMessage(tid int, header uint64, note func(connection) error) error {
	head, err := read(tid, header, 16)
	if err != nil || len(head) < 16 {
		return err
	}
	return noteAddress(tid, binary.NativeEndian.Uint64(head), uint64(binary.NativeEndian.Uint32(head[8:])), note)
}

func noteAddress(tid int, at uint64, length uint64, note func(connection) error) error {
	if at == 0 || length < 2 {
		return nil
	}
	raw, err := read(tid, at, min(length, maxAddress))
	if err != nil || len(raw) < 2 {
		return err
	}
	seen, isOne := decode(raw)
	if !isOne {
		return nil
	}
	seen.Program = programOf(tid)
	return note(seen)
}

// decode reads a struct sockaddr; false for what leads to no other process.
func decode(raw []byte) (connection, bool) {
	family, rest := binary.NativeEndian.Uint16(raw), raw[2:]
	switch {
	case family == unix.AF_UNSPEC || family == unix.AF_NETLINK:
		// Ends a connection; asks the kernel.
		return connection{}, false
	case family == unix.AF_INET && len(rest) >= 6:
		return connection{Family: "inet", Address: netip.AddrFrom4([4]byte(rest[2:6])).String(), Port: binary.BigEndian.Uint16(rest)}, true
	case family == unix.AF_INET6 && len(rest) >= 22:
		return connection{Family: "inet6", Address: netip.AddrFrom16([16]byte(rest[6:22])).String(), Port: binary.BigEndian.Uint16(rest)}, true
	case family == unix.AF_UNIX:
		return connection{Family: "unix", Address: socketPath(rest)}, true
	default:
		return connection{Family: fmt.Sprintf("family %d", family)}, true
	}
}

func socketPath(raw []byte) string {
	if len(raw) > 1 && raw[0] == 0 {
		return "@" + string(raw[1:])
	}
	return unix.ByteSliceToString(raw)
}

// read gives fewer bytes, or none, where the address is not mapped: then the call fails by itself.
func read(tid int, at uint64, length uint64) ([]byte, error) {
	buffer := make([]byte, length)
	local := []unix.Iovec{{Base: &buffer[0], Len: length}}
	remote := []unix.RemoteIovec{{Base: uintptr(at), Len: int(length)}}
	count, err := unix.ProcessVMReadv(tid, local, remote, 0)
	if errors.Is(err, unix.EFAULT) || errors.Is(err, unix.ESRCH) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read what process %d asks for: %w", tid, err)
	}
	return buffer[:count], nil
}
