// Echoes every stream of yamux, by HashiCorp's own implementation: what the other end of a session is tried with.
//
//	apt-get install golang-go golang-github-hashicorp-yamux-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o yamux-echo adapters/mux/interop/yamux-echo.go
//	./yamux-echo 9000
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"github.com/hashicorp/yamux"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: yamux-echo <port>; 0 is any free one")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(connection)
	}
}

func serve(connection net.Conn) {
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	session, err := yamux.Server(connection, config)
	if err != nil {
		return
	}
	for {
		stream, err := session.Accept()
		if err != nil {
			return
		}
		go func() {
			io.Copy(stream, stream)
			stream.Close()
		}()
	}
}
